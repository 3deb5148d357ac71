CREATE TABLE IF NOT EXISTS "clusterer_sequences" (
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "clusterer_sequences_pkey" PRIMARY KEY ("cluster_id","machine_id","kind")
);
