CREATE TABLE IF NOT EXISTS `clusterer_drains` (
    `cluster_id` INTEGER NOT NULL,
    `machine_id` INTEGER NOT NULL,
    `reason` VARCHAR(200) NULL,
    `until` BIGINT NULL,
    `set_by` TEXT NULL,
    `since` BIGINT NOT NULL,

    PRIMARY KEY (`cluster_id`, `machine_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
