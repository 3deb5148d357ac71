CREATE TABLE IF NOT EXISTS "clusterer" (
    "clusterer_id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "state" INTEGER NOT NULL DEFAULT 1,
    "last_attempt" BIGINT NOT NULL DEFAULT 0,
    "failed_attempts" INTEGER NOT NULL DEFAULT 3,
    "no_tries" INTEGER NOT NULL DEFAULT 0,
    "duration" INTEGER NOT NULL DEFAULT 30,
    "description" TEXT DEFAULT ''
);

CREATE UNIQUE INDEX IF NOT EXISTS "clusterer_cluster_id_machine_id_key" ON "clusterer"("cluster_id", "machine_id");
