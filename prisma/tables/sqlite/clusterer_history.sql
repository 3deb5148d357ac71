CREATE TABLE IF NOT EXISTS "clusterer_history" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "cluster_id" INTEGER,
    "machine_id" INTEGER,
    "cause" TEXT,
    "asked_by" TEXT,
    "detail" TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS "clusterer_history_cluster_id_machine_id_idx" ON "clusterer_history"("cluster_id", "machine_id");
