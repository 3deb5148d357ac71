CREATE TABLE IF NOT EXISTS "clusterer_history" (
    "id" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "cluster_id" INTEGER,
    "machine_id" INTEGER,
    "cause" VARCHAR(32),
    "asked_by" TEXT,
    "detail" TEXT NOT NULL,

    CONSTRAINT "clusterer_history_pkey" PRIMARY KEY ("id")
);

CREATE INDEX IF NOT EXISTS "clusterer_history_cluster_id_machine_id_idx" ON "clusterer_history"("cluster_id", "machine_id");
