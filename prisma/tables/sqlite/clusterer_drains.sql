CREATE TABLE IF NOT EXISTS "clusterer_drains" (
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "reason" TEXT,
    "until" BIGINT,
    "set_by" TEXT,
    "since" BIGINT NOT NULL,

    PRIMARY KEY ("cluster_id", "machine_id")
);
