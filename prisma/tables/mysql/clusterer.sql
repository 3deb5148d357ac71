CREATE TABLE IF NOT EXISTS `clusterer` (
    `clusterer_id` INTEGER NOT NULL AUTO_INCREMENT,
    `cluster_id` INTEGER NOT NULL,
    `machine_id` INTEGER NOT NULL,
    `url` VARCHAR(64) NOT NULL,
    `state` INTEGER NOT NULL DEFAULT 1,
    `last_attempt` BIGINT NOT NULL DEFAULT 0,
    `failed_attempts` INTEGER NOT NULL DEFAULT 3,
    `no_tries` INTEGER NOT NULL DEFAULT 0,
    `duration` INTEGER NOT NULL DEFAULT 30,
    `description` VARCHAR(64) NULL DEFAULT '',

    UNIQUE INDEX `clusterer_cluster_id_machine_id_key`(`cluster_id`, `machine_id`),
    PRIMARY KEY (`clusterer_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
