CREATE TABLE IF NOT EXISTS `clusterer_tags` (
    `cluster_id` INTEGER NOT NULL,
    `tag` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `owner` INTEGER NULL,
    `failover` TEXT NOT NULL,
    `after_ms` INTEGER NOT NULL,
    `fence` INTEGER NOT NULL,
    `since` BIGINT NOT NULL,
    `moves` INTEGER NOT NULL,

    PRIMARY KEY (`cluster_id`, `tag`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
