// Loads and writes a table of 10,000 machines on each of the three databases; prints what it took and writes it to STORAGE.md.
const { randomUUID } = require('node:crypto');
const { rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout } = require('node:timers/promises');
const { PrismaLibSql } = require('@prisma/adapter-libsql');
const { PrismaMariaDb } = require('@prisma/adapter-mariadb');
const { PrismaPg } = require('@prisma/adapter-pg');
const { describeMachine } = require('./support/machine.js');
const { scratchFolder } = require('./support/processes.js');
const { serviceOn } = require('./support/service.js');
const { median } = require('./support/statistics.js');
const { fillTable, openStores, query } = require('./support/table.js');

/** Who sets what is to be written. */
const EVERYONE = { name: null, role: 'operate' };

const ROWS = 10_000;
const RUNS = 10;

const POSTGRESQL = process.env.TEST_POSTGRESQL_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const MARIADB = process.env.TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306/mysql';

/** An empty database of its own: its URL, a connection to it, and how to drop it. */
async function createOnServer(serverUrl, connect) {
  const server = await connect(serverUrl);
  const name = `clusterer_bench_${randomUUID().replaceAll('-', '')}`;
  await query(server, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const adapter = await connect(url.href);
  const drop = async () => {
    await adapter.dispose();
    await query(server, `DROP DATABASE ${name}`);
    await server.dispose();
  };
  const [[version]] = await query(server, 'SELECT version()');
  return { version: String(version).split(' (')[0], url: url.href, adapter, drop };
}

async function createSqlite() {
  const folder = scratchFolder();
  const url = `file:${join(folder, 'bench.db')}`;
  const adapter = await new PrismaLibSql({ url, timeout: 5_000 }).connect();
  const [[version]] = await query(adapter, 'SELECT sqlite_version()');
  const drop = async () => {
    await adapter.dispose();
    rmSync(folder, { recursive: true });
  };
  return { version: `SQLite ${version}`, url, adapter, drop };
}

const DATABASES = [
  createSqlite,
  () => createOnServer(POSTGRESQL, (connectionString) => new PrismaPg({ connectionString }).connect()),
  () => createOnServer(MARIADB, (url) => new PrismaMariaDb(url).connect()),
];

/** A service that writes at most every 300 ms. `nextWrite` resolves with the next batch that is in the table. */
function writingService(database) {
  let written = () => {};
  const service = serviceOn(database, { persistent: true, debug: (_, message) => written(message) });
  const nextWrite = () =>
    new Promise((resolve) => {
      written = (message) => message === 'changed rows written' && resolve();
    });
  return { service, nextWrite };
}

/** Milliseconds that the work took, and the longest for which the event loop did not turn meanwhile. */
async function measure(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await setTimeout(20);
  delay.reset();
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  await setTimeout(5);
  delay.disable();
  return { ms, blocked: delay.max / 1e6 };
}

/** What is done once before warms up. Answers the median time and the longest delay of all others. */
async function repeat(work) {
  const results = [];
  for (let turn = 0; turn <= RUNS; turn++) results.push(await work(turn));
  const warm = results.slice(1);
  return { ms: median(warm.map(({ ms }) => ms)), blocked: Math.max(...warm.map(({ blocked }) => blocked)) };
}

async function benchDatabase(create) {
  const { version, url, adapter, drop } = await create();
  const database = await openStores(url);
  const store = database.machines;
  try {
    await fillTable(adapter, ROWS);
    const { service, nextWrite } = writingService(database);
    const states = (count, turn) =>
      Array.from({ length: count }, (_, i) => ({ clustererId: i + 1, state: turn % 3, noTries: turn, lastAttempt: 7 }));
    const flush = async (count, turn) => {
      const written = nextWrite();
      for (const { machine_id } of service.queries.machines({ cluster_id: 1, limit: count }).nodes) {
        void service.status.setStatus(
          { clusterId: 1, machineId: machine_id },
          { status: turn % 2 === 0 ? 'down' : 'up' },
          EVERYONE,
        );
      }
      return measure(() => written);
    };
    const results = {
      'nothing, 300 ms': await repeat(() => measure(() => setTimeout(300))),
      [`load ${ROWS} rows`]: await repeat(() => measure(() => store.load())),
      [`reload ${ROWS} machines`]: await repeat(() => measure(() => service.loader.reload())),
      'write 1000 rows': await repeat((turn) => measure(() => store.saveStates(states(1_000, turn)))),
      [`write ${ROWS} rows`]: await repeat((turn) => measure(() => store.saveStates(states(ROWS, turn)))),
      'flush 1000 machines': { ...(await repeat((turn) => flush(1_000, turn))), ms: null },
      [`flush ${ROWS} machines`]: { ...(await repeat((turn) => flush(ROWS, turn))), ms: null },
    };
    await service.stop();
    return { version, results };
  } finally {
    await store.close();
    await drop();
  }
}

function table(benches) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cell = ({ ms, blocked }) => `${ms === null ? '' : `${ms.toFixed(0)} ms, `}loop ${blocked.toFixed(0)} ms`;
  const rows = Object.keys(benches[0].results).map((name) =>
    line([name, ...benches.map(({ results }) => cell(results[name]))]),
  );
  const head = ['', ...benches.map(({ version }) => version)];
  return [line(head), line(head.map(() => '---')), ...rows].join('\n');
}

async function main() {
  const benches = [];
  for (const create of DATABASES) benches.push(await benchDatabase(create));
  const text = `# Storage

Written by \`node bench/storage.js\`. Each database on the same machine as the service, with its default settings.
${describeMachine()}.

${table(benches)}

The median time of ${RUNS} runs, and the longest that the event loop stood still in any of them; \`nothing\` is what the machine itself does to it. \`load\` and \`write\` are the store
alone; \`reload\` and \`flush\` are the service around it, which a flush makes wait for nobody, so that it has no time of its own.
`;
  writeFileSync(join(__dirname, 'STORAGE.md'), text);
  process.stdout.write(`${table(benches)}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
