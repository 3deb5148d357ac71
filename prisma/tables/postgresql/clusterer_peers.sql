CREATE TABLE IF NOT EXISTS "clusterer_peers" (
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "family" VARCHAR(8) NOT NULL,

    CONSTRAINT "clusterer_peers_pkey" PRIMARY KEY ("cluster_id","machine_id")
);
