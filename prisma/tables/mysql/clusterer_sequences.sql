CREATE TABLE IF NOT EXISTS `clusterer_sequences` (
    `cluster_id` INTEGER NOT NULL,
    `machine_id` INTEGER NOT NULL,
    `kind` VARCHAR(16) NOT NULL,
    `seq` INTEGER NOT NULL,

    PRIMARY KEY (`cluster_id`, `machine_id`, `kind`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
