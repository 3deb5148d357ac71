import type { DatabaseKind, ScratchDatabase } from '../../integration/store-databases.js';

/** Table version 4, as the database scripts of OpenSIPS 2.4 to 4.0 create it. */
const TABLES: Readonly<Record<DatabaseKind['name'], string>> = {
  SQLite: `CREATE TABLE clusterer (id INTEGER PRIMARY KEY NOT NULL, cluster_id INTEGER NOT NULL, node_id INTEGER NOT NULL,
    url CHAR(64) NOT NULL, state INTEGER DEFAULT 1 NOT NULL, no_ping_retries INTEGER DEFAULT 3 NOT NULL,
    priority INTEGER DEFAULT 50 NOT NULL, sip_addr CHAR(64) DEFAULT NULL, flags CHAR(64) DEFAULT NULL,
    description CHAR(64) DEFAULT NULL, CONSTRAINT clusterer_clusterer_idx UNIQUE (cluster_id, node_id))`,
  PostgreSQL: `CREATE TABLE clusterer (id SERIAL PRIMARY KEY NOT NULL, cluster_id INTEGER NOT NULL, node_id INTEGER NOT NULL,
    url VARCHAR(64) NOT NULL, state INTEGER DEFAULT 1 NOT NULL, no_ping_retries INTEGER DEFAULT 3 NOT NULL,
    priority INTEGER DEFAULT 50 NOT NULL, sip_addr VARCHAR(64) DEFAULT NULL, flags VARCHAR(64) DEFAULT NULL,
    description VARCHAR(64) DEFAULT NULL, CONSTRAINT clusterer_clusterer_idx UNIQUE (cluster_id, node_id))`,
  MariaDB: `CREATE TABLE clusterer (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, cluster_id INT(10) NOT NULL, node_id INT(10) NOT NULL,
    url CHAR(64) NOT NULL, state INT(1) DEFAULT 1 NOT NULL, no_ping_retries INT(10) DEFAULT 3 NOT NULL,
    priority INT(10) DEFAULT 50 NOT NULL, sip_addr CHAR(64) DEFAULT NULL, flags CHAR(64) DEFAULT NULL,
    description CHAR(64) DEFAULT NULL, CONSTRAINT clusterer_clusterer_idx UNIQUE (cluster_id, node_id)) ENGINE=InnoDB`,
};

/** Creates the table and two rows: machine 1 with every value, machine 2 with the defaults. */
export async function createTable4(database: DatabaseKind, scratch: ScratchDatabase): Promise<void> {
  await scratch.run(TABLES[database.name]);
  await scratch.run('CREATE TABLE version (table_name CHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL)');
  await scratch.run("INSERT INTO version VALUES ('clusterer', 4)");
  await scratch.run(`INSERT INTO clusterer (cluster_id, node_id, url, state, no_ping_retries, priority, sip_addr, flags, description)
    VALUES (1, 1, 'bin:10.0.0.1:5566', 0, 5, 10, '10.0.0.1:5060', 'seed', 'sip-1')`);
  await scratch.run("INSERT INTO clusterer (cluster_id, node_id, url) VALUES (1, 2, 'bin:10.0.0.2:5566')");
}
