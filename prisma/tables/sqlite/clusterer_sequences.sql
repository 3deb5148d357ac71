CREATE TABLE IF NOT EXISTS "clusterer_sequences" (
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,

    PRIMARY KEY ("cluster_id", "machine_id", "kind")
);
