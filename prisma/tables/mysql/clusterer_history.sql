CREATE TABLE IF NOT EXISTS `clusterer_history` (
    `id` BIGINT NOT NULL,
    `at` BIGINT NOT NULL,
    `kind` VARCHAR(32) NOT NULL,
    `cluster_id` INTEGER NULL,
    `machine_id` INTEGER NULL,
    `cause` VARCHAR(32) NULL,
    `asked_by` TEXT NULL,
    `detail` TEXT NOT NULL,

    INDEX `clusterer_history_cluster_id_machine_id_idx`(`cluster_id`, `machine_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
