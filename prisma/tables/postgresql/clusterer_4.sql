CREATE TABLE IF NOT EXISTS "clusterer_4" (
    "clusterer_id" SERIAL NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "url" VARCHAR(64) NOT NULL,
    "state" INTEGER NOT NULL DEFAULT 1,
    "failed_attempts" INTEGER NOT NULL DEFAULT 3,
    "priority" INTEGER NOT NULL DEFAULT 50,
    "sip_addr" VARCHAR(64) DEFAULT NULL,
    "flags" VARCHAR(64) DEFAULT NULL,
    "description" VARCHAR(64) DEFAULT NULL,

    CONSTRAINT "clusterer_4_pkey" PRIMARY KEY ("clusterer_id")
);

CREATE UNIQUE INDEX IF NOT EXISTS "clusterer_4_cluster_id_machine_id_key" ON "clusterer_4"("cluster_id", "machine_id");
