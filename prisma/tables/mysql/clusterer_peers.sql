CREATE TABLE IF NOT EXISTS `clusterer_peers` (
    `cluster_id` INTEGER NOT NULL,
    `machine_id` INTEGER NOT NULL,
    `family` VARCHAR(8) NOT NULL,

    PRIMARY KEY (`cluster_id`, `machine_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
