import type { DatabaseKind, ScratchDatabase } from '../../integration/store-databases.js';

type ByDatabase = Readonly<Record<DatabaseKind['name'], string>>;

const TIME: ByDatabase = { SQLite: 'DATETIME', PostgreSQL: 'TIMESTAMPTZ', MariaDB: 'DATETIME(3)' };

/** What earlier versions did on an empty database: three tables, and a record of each in Prisma's table of migrations. */
export async function createEarlierTables({ name, key }: DatabaseKind, scratch: ScratchDatabase): Promise<void> {
  const time = TIME[name];
  const index =
    name === 'MariaDB' ? 'clusterer_cluster_id_machine_id_key (cluster_id, machine_id)' : '(cluster_id, machine_id)';
  await scratch.run(`CREATE TABLE clusterer (clusterer_id ${key}, cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL,
    url VARCHAR(64) NOT NULL, state INTEGER NOT NULL DEFAULT 1, last_attempt BIGINT NOT NULL DEFAULT 0,
    failed_attempts INTEGER NOT NULL DEFAULT 3, no_tries INTEGER NOT NULL DEFAULT 0, duration INTEGER NOT NULL DEFAULT 30,
    description VARCHAR(64), UNIQUE ${index})`);
  await scratch.run(`CREATE TABLE clusterer_drains (cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL, reason VARCHAR(200),
    until BIGINT, set_by TEXT, since BIGINT NOT NULL, PRIMARY KEY (cluster_id, machine_id))`);
  await scratch.run(`CREATE TABLE clusterer_history (id BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, kind VARCHAR(32) NOT NULL,
    cluster_id INTEGER, machine_id INTEGER, cause VARCHAR(32), asked_by TEXT, detail TEXT NOT NULL)`);
  await scratch.run(
    'CREATE INDEX clusterer_history_cluster_id_machine_id_idx ON clusterer_history (cluster_id, machine_id)',
  );
  await scratch.run(`CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at ${time},
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at ${time}, started_at ${time} NOT NULL DEFAULT CURRENT_TIMESTAMP${name === 'MariaDB' ? '(3)' : ''},
    applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
  const migrations = [
    '20260101000000_clusterer',
    '20260201000000_clusterer_drains',
    '20260202000000_clusterer_history',
  ];
  for (const migration of migrations) {
    await scratch.run(`INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
      VALUES ('${migration}', 'x', CURRENT_TIMESTAMP, '${migration}', 1)`);
  }
  await scratch.run(
    `INSERT INTO clusterer (cluster_id, machine_id, url, description) VALUES (1, 2, 'bin:127.0.0.2:5555', 'sip-2')`,
  );
  await scratch.run("INSERT INTO clusterer_drains VALUES (1, 2, 'kernel', NULL, 'alice', 1700000000456)");
  await scratch.run(
    `INSERT INTO clusterer_history VALUES (7, 1700000000456, 'node_state', 1, 2, 'operator', 'alice', '{"from":"up","to":"down"}')`,
  );
}
