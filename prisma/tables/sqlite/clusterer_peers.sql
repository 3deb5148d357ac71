CREATE TABLE IF NOT EXISTS "clusterer_peers" (
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "family" TEXT NOT NULL,

    PRIMARY KEY ("cluster_id", "machine_id")
);
