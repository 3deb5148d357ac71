CREATE TABLE IF NOT EXISTS `clusterer_webhooks` (
    `id` BIGINT NOT NULL,
    `webhook` VARCHAR(64) NOT NULL,
    `subject` VARCHAR(100) NOT NULL,
    `at` BIGINT NOT NULL,
    `body` TEXT NOT NULL,
    `attempts` INTEGER NOT NULL,
    `failed_at` BIGINT NULL,
    `error` VARCHAR(200) NULL,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
