import { once } from 'node:events';
import { mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { endProcessesAfterEach, processFolder, ServiceProcess } from '../support/service/service-process.js';
import { Table, withTable } from '../support/tables/table.js';

/** A start takes 1 s on an idle machine; tests share theirs. */
jest.setTimeout(30_000);
endProcessesAfterEach();

async function failedStart(environment: Record<string, string>, folder?: string): Promise<string> {
  const service = new ServiceProcess(environment, folder);
  expect(await service.exited).toBe(1);
  return service.stderr;
}

describe('a start with faults', () => {
  it('prints every fault at once, without a secret, and exits with 1', async () => {
    const message = await failedStart({
      CLUSTERER_DB_URL: 'mysql://me:s3cret@db',
      CLUSTERER_SERVER_ID: '-1',
      CLUSTERER_PERSISTENT_MODE: 'yes',
      CLUSTERER_HTTP_HOST: '0.0.0.0',
      CLUSTERER_STATE_COL: 'url',
    });
    expect(message).toBe(`clusterer: The configuration is invalid:
  CLUSTERER_DB_URL must name the database at its end: mysql://user:password@host:3306/database.
  CLUSTERER_SERVER_ID must be a whole number from 0 to 2147483647
  CLUSTERER_PERSISTENT_MODE must be 0 or 1
  CLUSTERER_STATE_COL and CLUSTERER_URL_COL both name the column "url": give each its own
  CLUSTERER_TOKENS must be set while CLUSTERER_HTTP_HOST is not a loopback address: everyone who can reach it would have full access
`);
  });

  it('names an unreachable database by host and port, never its password', async () => {
    const message = await failedStart({ CLUSTERER_DB_URL: 'postgres://me:s3cret@127.0.0.1:1/x' });
    expect(message).toContain('PostgreSQL at 127.0.0.1:1');
    expect(message).toContain('CLUSTERER_DB_URL');
    expect(message).not.toContain('s3cret');
  });

  it.each(['pa@rt', 'pa/rt', 'pa#rt', '12@pa/rt'])(
    'explains percent-encoding and repeats nothing of a password such as %s',
    async (password) => {
      const message = await failedStart({ CLUSTERER_DB_URL: `mysql://me:${password}@127.0.0.1:1/x` });
      expect(message).toContain('CLUSTERER_DB_URL is not a valid URL.');
      expect(message).toContain('percent-encoded (@ as %40');
      expect(message).not.toMatch(/\bpa\b|\brt\b/);
    },
  );

  it('names the missing folder of a database file, and creates nothing', async () => {
    const folder = processFolder();
    const message = await failedStart({ CLUSTERER_DB_URL: 'file:./dta/clusterer.db' }, folder);
    expect(message).toBe(
      `clusterer: CLUSTERER_DB_URL: the folder ${join(realpathSync(folder), 'dta')} does not exist. Correct the path, or create the folder.\n`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not create a file with mode=rw', async () => {
    const folder = processFolder();
    const message = await failedStart({ CLUSTERER_DB_URL: 'file:./x.db?mode=rw' }, folder);
    expect(message).toContain(`${join(realpathSync(folder), 'x.db')} does not exist, and mode=rw does not create it.`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['HTTP', 'BIN'])('names the variables if the port of %s is in use', async (which) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const message = await failedStart({ [`CLUSTERER_${which}_PORT`]: String(port) });
    expect(message).toContain(`CLUSTERER_${which}_PORT`);
    expect(message).toContain(`address already in use 127.0.0.1:${port}`);
    await once(other.close(), 'close');
  });

  it('names the variable of a BIN host that cannot be resolved', async () => {
    expect(await failedStart({ CLUSTERER_BIN_HOST: 'nowhere.invalid' })).toBe(
      'clusterer: CLUSTERER_BIN_HOST cannot be resolved; set it to an IP address\n',
    );
  });

  it('prints the lines of .env that are not assignments with all other faults', async () => {
    const folder = processFolder();
    writeFileSync(join(folder, '.env'), '\uFEFFCLUSTERER_SERVER_ID=-1\ns3cret\nCLUSTERER_PERSISTENT_MODE=yes\n');
    expect(await failedStart({}, folder)).toBe(`clusterer: The configuration is invalid:
  .env, line 2 is not an assignment: write NAME=value, or # before a comment
  CLUSTERER_SERVER_ID must be a whole number from 0 to 2147483647
  CLUSTERER_PERSISTENT_MODE must be 0 or 1
`);
  });

  it('says that .env cannot be read', async () => {
    const folder = processFolder();
    mkdirSync(join(folder, '.env'));
    expect(await failedStart({}, folder)).toContain('.env cannot be read');
  });
});

/** The table of OpenSIPS 2.2 for SQLite, with its version row and two machines. */
const OPENSIPS_TABLE = `
  CREATE TABLE clusterer (id INTEGER PRIMARY KEY NOT NULL, cluster_id INTEGER NOT NULL, machine_id INTEGER NOT NULL,
    url CHAR(64) NOT NULL, state INTEGER DEFAULT 1 NOT NULL, last_attempt INTEGER DEFAULT 0 NOT NULL,
    failed_attempts INTEGER DEFAULT 3 NOT NULL, no_tries INTEGER DEFAULT 0 NOT NULL, duration INTEGER DEFAULT 30 NOT NULL,
    description CHAR(64) DEFAULT NULL, CONSTRAINT clusterer_clusterer_idx UNIQUE (cluster_id, machine_id));
  CREATE TABLE version (table_name CHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL);
  INSERT INTO version VALUES ('clusterer', 1);
  INSERT INTO clusterer (id, cluster_id, machine_id, url) VALUES (11, 1, 1, 'bin:127.0.0.1:5555'), (13, 1, 3, 'bin:127.0.0.3:5566');`;

async function openSipsTable(folder: string): Promise<string> {
  const file = join(folder, 'opensips.db');
  const table = await Table.open(file);
  await table.run(OPENSIPS_TABLE);
  await table.close();
  return `sqlite://${file}`;
}

describe('the table of an OpenSIPS 2.2', () => {
  it('is served unchanged if its primary key is configured', async () => {
    const folder = processFolder();
    const url = await openSipsTable(folder);
    const environment = { CLUSTERER_DB_URL: url, CLUSTERER_CLUSTERER_ID_COL: 'id', CLUSTERER_SERVER_ID: '1' };
    const service = new ServiceProcess(environment, folder);
    const { http } = await service.listening();
    const { nodes } = (await (await fetch(`${http}/nodes`)).json()) as { nodes: unknown[] };
    expect(nodes).toMatchObject([{ clusterer_id: 13, machine_id: 3, url: 'bin:127.0.0.3:5566', state: 'up' }]);
    // The service listens on a free port here, not on that of its own row.
    expect(await service.logLine({ cluster_id: 1, url: 'bin:127.0.0.1:5555' })).toMatchObject({ level: 40 });
  });

  it('is otherwise refused with the variable to set', async () => {
    const folder = processFolder();
    const message = await failedStart({ CLUSTERER_DB_URL: await openSipsTable(folder) }, folder);
    expect(message).toContain('has no column "clusterer_id" (set CLUSTERER_CLUSTERER_ID_COL)');
    expect(message).toContain('It has: id, cluster_id, machine_id, url,');
  });
});

describe('a start', () => {
  it('reads .env, and the environment wins', async () => {
    const folder = processFolder();
    writeFileSync(join(folder, '.env'), 'CLUSTERER_SERVER_ID=7\nCLUSTERER_DB_TABLE=from_env_file\n');
    const service = new ServiceProcess({ CLUSTERER_SERVER_ID: '8' }, folder);
    const { http } = await service.listening();
    expect(await (await fetch(`${http}/id`)).json()).toEqual({ server_id: 8 });
    expect(service.stderr).toBe('');
    const rows = await withTable(service, (table) => table.query('SELECT count(*) FROM from_env_file'));
    expect(rows).toEqual([[0]]);
  });

  it('logs a warning for the database file and every table that it creates, once', async () => {
    const folder = processFolder();
    const first = new ServiceProcess({}, folder);
    await first.listening();
    const file = join(realpathSync(folder), 'data/clusterer.db');
    const database = `the SQLite file ${file}`;
    const table = (name: string) => ({ level: 40, msg: 'missing table created', table: name, database });
    expect(first.logLines.slice(0, 7)).toMatchObject([
      { level: 40, msg: 'new database file created', file },
      table('clusterer'),
      table('clusterer_drains'),
      table('clusterer_history'),
      table('clusterer_sequences'),
      table('clusterer_peers'),
      table('clusterer_tags'),
    ]);
    first.child.kill('SIGTERM');
    await first.exited;
    const second = new ServiceProcess({}, folder);
    await second.listening();
    expect(second.logLines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  it('reports unknown variables with its prefix, and is ready on the free ports that its log names', async () => {
    const service = new ServiceProcess({ CLUSTERER_SEVER_ID: '8' });
    const { http, bin } = await service.listening();
    const answer = await fetch(`${http}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ready' }]);
    expect(http).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect(bin).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(service.stderr).toContain('unknown variable CLUSTERER_SEVER_ID; it is ignored');
  });
});
