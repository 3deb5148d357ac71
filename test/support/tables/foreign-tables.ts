import type { DatabaseKind, ScratchDatabase } from '../../integration/store-databases.js';

/** The table of OpenSIPS 2.2, as its database scripts create it. */
const OPENSIPS_TABLES: Readonly<Record<DatabaseKind['name'], string>> = {
  SQLite: `CREATE TABLE clusterer (id INTEGER PRIMARY KEY NOT NULL, cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL,
    url CHAR(64) NOT NULL, state INTEGER DEFAULT 1 NOT NULL, last_attempt INTEGER DEFAULT 0 NOT NULL,
    failed_attempts INTEGER DEFAULT 3 NOT NULL, no_tries INTEGER DEFAULT 0 NOT NULL, duration INTEGER DEFAULT 30 NOT NULL,
    description CHAR(64) DEFAULT NULL, CONSTRAINT clusterer_clusterer_idx UNIQUE (cluster_id, machine_id))`,
  PostgreSQL: `CREATE TABLE clusterer (id SERIAL PRIMARY KEY NOT NULL, cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL,
    url VARCHAR(64) NOT NULL, state INTEGER DEFAULT 1 NOT NULL, last_attempt BIGINT DEFAULT 0 NOT NULL,
    failed_attempts INTEGER DEFAULT 3 NOT NULL, no_tries INTEGER DEFAULT 0 NOT NULL, duration INTEGER DEFAULT 30 NOT NULL,
    description VARCHAR(64) DEFAULT NULL, CONSTRAINT clusterer_clusterer_idx UNIQUE (cluster_id, machine_id))`,
  MariaDB: `CREATE TABLE clusterer (id INT(10) AUTO_INCREMENT PRIMARY KEY NOT NULL, cluster_id INT(10) NOT NULL, machine_id INT(10) NOT NULL,
    url CHAR(64) NOT NULL, state INT(1) DEFAULT 1 NOT NULL, last_attempt BIGINT(64) UNSIGNED DEFAULT 0 NOT NULL,
    failed_attempts INT(10) DEFAULT 3 NOT NULL, no_tries INT(10) DEFAULT 0 NOT NULL, duration INT(10) DEFAULT 30 NOT NULL,
    description CHAR(64) DEFAULT NULL, CONSTRAINT clusterer_idx UNIQUE (cluster_id, machine_id)) ENGINE=InnoDB CHARSET=latin1`,
};

/** Queries the complete definition of the tables `clusterer` and `version`. */
export const DESCRIPTIONS: Readonly<Record<DatabaseKind['name'], string>> = {
  SQLite: "SELECT sql FROM sqlite_master WHERE tbl_name IN ('clusterer', 'version')",
  PostgreSQL: `SELECT table_name, column_name, ordinal_position, data_type, column_default, is_nullable, character_maximum_length
    FROM information_schema.columns WHERE table_name IN ('clusterer', 'version') ORDER BY 1, 3`,
  MariaDB: `SELECT table_name, column_name, ordinal_position, column_type, column_default, is_nullable, character_set_name
    FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ('clusterer', 'version') ORDER BY 1, 3`,
};

export async function createOpenSipsTable(database: DatabaseKind, scratch: ScratchDatabase): Promise<void> {
  await scratch.run(OPENSIPS_TABLES[database.name]);
  await scratch.run('CREATE TABLE version (table_name CHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL)');
  await scratch.run("INSERT INTO version VALUES ('clusterer', 1)");
  await scratch.run(`INSERT INTO clusterer (cluster_id, machine_id, url, description)
    VALUES (1, 1, 'bin:127.0.0.1:5555', 'sip-1'), (1, 3, 'bin:127.0.0.3:5566', '')`);
}

/** Reserved words, spaces, quotes, capitals; cluster and machine id swapped. */
export const HOSTILE = {
  DB_TABLE: 'Order "By" `Me`',
  CLUSTERER_ID_COL: 'primary',
  CLUSTER_ID_COL: 'machine_id',
  MACHINE_ID_COL: 'cluster_id',
  URL_COL: 'select',
  STATE_COL: 'State Of "Things"',
  DESCRIPTION_COL: "it's; DROP TABLE `x` --",
  FAILED_ATTEMPTS_COL: 'GROUP',
  LAST_ATTEMPT_COL: 'last_attempt?',
  DURATION_COL: '$1',
  NO_TRIES_COL: 'clusterer',
};

export const HOSTILE_ENVIRONMENT = Object.fromEntries(
  Object.entries(HOSTILE).map(([variable, name]) => [`CLUSTERER_${variable}`, name]),
);

export const quoteFor = (database: DatabaseKind) => (name: string) =>
  database.name === 'MariaDB' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;

export async function createHostileTable(database: DatabaseKind, scratch: ScratchDatabase): Promise<void> {
  const q = quoteFor(database);
  await scratch.run(`CREATE TABLE ${q(HOSTILE.DB_TABLE)} (${q('primary')} ${database.key}, ${q('machine_id')} INTEGER NOT NULL,
    ${q('cluster_id')} INTEGER NOT NULL, ${q('select')} VARCHAR(64) NOT NULL, ${q('State Of "Things"')} INTEGER NOT NULL DEFAULT 1,
    ${q("it's; DROP TABLE `x` --")} VARCHAR(64), ${q('GROUP')} INTEGER NOT NULL DEFAULT 3, ${q('last_attempt?')} BIGINT NOT NULL DEFAULT 0,
    ${q('$1')} INTEGER NOT NULL DEFAULT 30, ${q('clusterer')} INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT own UNIQUE (${q('machine_id')}, ${q('cluster_id')}))`);
}

/** A table without constraints: it stores wrong rows too. */
export async function createLooseTable(scratch: ScratchDatabase): Promise<void> {
  await scratch.run(`CREATE TABLE clusterer (clusterer_id INTEGER PRIMARY KEY, cluster_id INTEGER, machine_id INTEGER,
    url VARCHAR(64), state INTEGER DEFAULT 1, description VARCHAR(64), failed_attempts INTEGER DEFAULT 3,
    last_attempt BIGINT DEFAULT 0, duration INTEGER DEFAULT 30, no_tries INTEGER DEFAULT 0)`);
  await scratch.run(`INSERT INTO clusterer (clusterer_id, cluster_id, machine_id, url)
    VALUES ${Array.from({ length: 16 }, (_, i) => `(${i + 1}, 1, ${i + 1}, 'bin:127.0.0.${i + 1}:5555')`).join(', ')}`);
}
