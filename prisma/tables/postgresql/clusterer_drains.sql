CREATE TABLE IF NOT EXISTS "clusterer_drains" (
    "cluster_id" INTEGER NOT NULL,
    "machine_id" INTEGER NOT NULL,
    "reason" VARCHAR(200),
    "until" BIGINT,
    "set_by" TEXT,
    "since" BIGINT NOT NULL,

    CONSTRAINT "clusterer_drains_pkey" PRIMARY KEY ("cluster_id","machine_id")
);
