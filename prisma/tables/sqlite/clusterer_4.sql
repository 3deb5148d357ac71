CREATE TABLE IF NOT EXISTS "clusterer_4" (
    "clusterer_id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "state" INTEGER NOT NULL DEFAULT 1,
    "failed_attempts" INTEGER NOT NULL DEFAULT 3,
    "priority" INTEGER NOT NULL DEFAULT 50,
    "sip_addr" TEXT DEFAULT NULL,
    "flags" TEXT DEFAULT NULL,
    "description" TEXT DEFAULT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS "clusterer_4_cluster_id_machine_id_key" ON "clusterer_4"("cluster_id", "machine_id");
