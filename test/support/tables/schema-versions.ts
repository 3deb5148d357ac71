import type { DatabaseKind, ScratchDatabase } from '../../integration/store-databases.js';
import { createEarlierTables } from './earlier-version.js';

/** The schema before it had a version, and the versions that 0.1 wrote. */
export const SCHEMAS_OF_0_1 = [0, 1, 2, 3, 4] as const;
export type SchemaOf01 = (typeof SCHEMAS_OF_0_1)[number];

/** The event that waits for the webhook `pager` in version 4. */
export const WAITING = {
  id: 1_700_000_000_000_001,
  body: JSON.stringify({
    type: 'drain',
    timestamp: '2026-11-22T13:00:00.000Z',
    data: { cluster_id: 1, machine_id: 2, from: null, to: null, cause: 'operator', by: 'alice' },
  }),
} as const;

/** What each version added to the one before, with data. Cluster 7 speaks dialect 2.4. */
const ADDED: Readonly<Record<2 | 3 | 4, (now: number) => readonly string[]>> = {
  2: () => [
    'CREATE TABLE clusterer_sequences (cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL, kind VARCHAR(16) NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (cluster_id, machine_id, kind))',
    'CREATE TABLE clusterer_peers (cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL, family VARCHAR(8) NOT NULL, PRIMARY KEY (cluster_id, machine_id))',
    "INSERT INTO clusterer_sequences VALUES (7, 1, 'links', 5000), (7, 1, 'topology', 6000)",
    "INSERT INTO clusterer_peers VALUES (7, 2, 'E')",
  ],
  3: () => [
    `CREATE TABLE clusterer_tags (cluster_id INTEGER NOT NULL, tag VARCHAR(64) NOT NULL, owner INTEGER, failover TEXT NOT NULL,
      after_ms INTEGER NOT NULL, fence INTEGER NOT NULL, since BIGINT NOT NULL, moves INTEGER NOT NULL, PRIMARY KEY (cluster_id, tag))`,
    "INSERT INTO clusterer_tags VALUES (7, 'vip', 2, '3', 10000, 4, 1700000000789, 1)",
  ],
  4: (now) => [
    `CREATE TABLE clusterer_webhooks (id BIGINT NOT NULL PRIMARY KEY, webhook VARCHAR(64) NOT NULL, subject VARCHAR(100) NOT NULL, at BIGINT NOT NULL,
      body TEXT NOT NULL, attempts INTEGER NOT NULL, failed_at BIGINT, error VARCHAR(200))`,
    `INSERT INTO clusterer_webhooks VALUES (${WAITING.id}, 'pager', '1/2', ${now - 60_000}, '${WAITING.body}', 0, NULL, NULL)`,
  ],
};

/**
 * A database as 0.1 left it: with a drained machine and its history, and what the version of its schema has besides.
 * `now` is in Unix milliseconds.
 */
export async function createTablesOf01(
  database: DatabaseKind,
  scratch: ScratchDatabase,
  version: SchemaOf01,
  now: number,
): Promise<void> {
  await createEarlierTables(database, scratch);
  await scratch.run(`INSERT INTO clusterer (cluster_id, machine_id, url, state, description) VALUES (1, 1, 'bin:127.0.0.1:5555', 1, ''),
    (1, 3, 'bin:127.0.0.3:5555', 0, 'sip-3'), (7, 1, 'bin:127.0.0.1:5555', 1, ''), (7, 2, 'bin:127.0.0.4:5555', 1, 'proxy'), (7, 3, 'bin:127.0.0.5:5555', 1, '')`);
  // The service deletes old entries.
  await scratch.run(`UPDATE clusterer_history SET at = ${now - 3_600_000}`);
  if (version === 0) return;
  await scratch.run('DROP TABLE _prisma_migrations');
  await scratch.run(
    'CREATE TABLE clusterer_schema (id INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL, created_table INTEGER NOT NULL)',
  );
  await scratch.run(`INSERT INTO clusterer_schema VALUES (1, ${version}, 1)`);
  for (const added of [2, 3, 4] as const) {
    if (added > version) return;
    for (const sql of ADDED[added](now)) await scratch.run(sql);
  }
}
