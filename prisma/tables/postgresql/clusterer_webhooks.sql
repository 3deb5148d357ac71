CREATE TABLE IF NOT EXISTS "clusterer_webhooks" (
    "id" BIGINT NOT NULL,
    "webhook" VARCHAR(64) NOT NULL,
    "subject" VARCHAR(100) NOT NULL,
    "at" BIGINT NOT NULL,
    "body" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "failed_at" BIGINT,
    "error" VARCHAR(200),

    CONSTRAINT "clusterer_webhooks_pkey" PRIMARY KEY ("id")
);
