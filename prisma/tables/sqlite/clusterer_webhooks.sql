CREATE TABLE IF NOT EXISTS "clusterer_webhooks" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "webhook" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "body" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "failed_at" BIGINT,
    "error" TEXT
);
