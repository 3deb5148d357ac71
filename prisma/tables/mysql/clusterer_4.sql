CREATE TABLE IF NOT EXISTS `clusterer_4` (
    `clusterer_id` INTEGER NOT NULL AUTO_INCREMENT,
    `cluster_id` INTEGER NOT NULL,
    `machine_id` INTEGER NOT NULL,
    `url` VARCHAR(64) NOT NULL,
    `state` INTEGER NOT NULL DEFAULT 1,
    `failed_attempts` INTEGER NOT NULL DEFAULT 3,
    `priority` INTEGER NOT NULL DEFAULT 50,
    `sip_addr` VARCHAR(64) NULL DEFAULT NULL,
    `flags` VARCHAR(64) NULL DEFAULT NULL,
    `description` VARCHAR(64) NULL DEFAULT NULL,

    UNIQUE INDEX `clusterer_4_cluster_id_machine_id_key`(`cluster_id`, `machine_id`),
    PRIMARY KEY (`clusterer_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
