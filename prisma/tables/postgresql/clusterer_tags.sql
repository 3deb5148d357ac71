CREATE TABLE IF NOT EXISTS "clusterer_tags" (
    "cluster_id" INTEGER NOT NULL,
    "tag" VARCHAR(64) NOT NULL,
    "owner" INTEGER,
    "failover" TEXT NOT NULL,
    "after_ms" INTEGER NOT NULL,
    "fence" INTEGER NOT NULL,
    "since" BIGINT NOT NULL,
    "moves" INTEGER NOT NULL,

    CONSTRAINT "clusterer_tags_pkey" PRIMARY KEY ("cluster_id","tag")
);
