// Loads and writes the table of 10,000 machines on each database that can be reached; prints a table and writes it to STORAGE.md.
const { randomUUID } = require('node:crypto');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { cpus, release, tmpdir, totalmem, type } = require('node:os');
const { join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { PrismaLibSql } = require('@prisma/adapter-libsql');
const { PrismaMariaDb } = require('@prisma/adapter-mariadb');
const { PrismaPg } = require('@prisma/adapter-pg');
const { readConfig } = require('../dist/config.js');
const { databaseOptions } = require('../dist/options.js');
const { ClusterService } = require('../dist/service/cluster-service.js');
const { openMachineStore } = require('../dist/storage/database.js');
const { systemClock } = require('../dist/system-clock.js');

const ROWS = 10_000;
const RUNS = 10;

const POSTGRESQL = process.env.TEST_POSTGRESQL_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const MARIADB = process.env.TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306/mysql';

const run = async (adapter, sql) => (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;

/** An empty database of its own: its URL, a connection to it, and how to drop it. */
async function createOnServer(serverUrl, connect) {
  const server = await connect(serverUrl);
  const name = `clusterer_bench_${randomUUID().replaceAll('-', '')}`;
  await run(server, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const adapter = await connect(url.href);
  const drop = async () => {
    await adapter.dispose();
    await run(server, `DROP DATABASE ${name}`);
    await server.dispose();
  };
  const [[version]] = await run(server, 'SELECT version()');
  return { version: String(version).split(' (')[0], url: url.href, adapter, drop };
}

async function createSqlite() {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-bench-'));
  const url = `file:${join(folder, 'bench.db')}`;
  const adapter = await new PrismaLibSql({ url, timeout: 5_000 }).connect();
  const [[version]] = await run(adapter, 'SELECT sqlite_version()');
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

/** A service without sockets. `written` resolves with the next batch that is in the table. */
function serviceOn(store) {
  let written = () => {};
  const quiet = () => {};
  const log = { info: quiet, warn: quiet, error: quiet, debug: (_, message) => written(message) };
  const sender = { send: quiet, disconnect: quiet, close: async () => {} };
  const resolver = { resolve: async (host) => host };
  const options = { serverId: 0, persistent: true, syncIntervalMs: 200 };
  const service = new ClusterService({ store, sender, resolver, clock: systemClock, log }, options);
  const nextWrite = () =>
    new Promise((resolve) => {
      written = (message) => message === 'changed rows written' && resolve();
    });
  return { service, nextWrite };
}

/** Milliseconds that the work took, and the longest that the event loop could not turn meanwhile. */
async function measure(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 10));
  delay.disable();
  // Its clock ticks every millisecond, which is no delay.
  return { ms, blocked: Math.max(0, delay.max / 1e6 - 1) };
}

/** After a first time that warms up: the median of the times, the worst of the delays. */
async function repeat(work) {
  const results = [];
  for (let i = 0; i <= RUNS; i++) results.push(await measure(() => work(i)));
  const warm = results.slice(1);
  const times = warm.map(({ ms }) => ms).sort((a, b) => a - b);
  return { first: results[0], ms: times[RUNS / 2], blocked: Math.max(...warm.map(({ blocked }) => blocked)) };
}

async function bench(create) {
  const { version, url, adapter, drop } = await create();
  const config = readConfig({ CLUSTERER_DB_URL: url });
  const store = await openMachineStore(databaseOptions(config));
  try {
    for (let from = 0; from < ROWS; from += 1_000) {
      const rows = Array.from({ length: 1_000 }, (_, i) => `(1, ${from + i + 1}, 'bin:10.0.0.1:5555', 'machine')`);
      await run(adapter, `INSERT INTO clusterer (cluster_id, machine_id, url, description) VALUES ${rows.join(', ')}`);
    }
    const { service, nextWrite } = serviceOn(store);
    const reload = await repeat(() => service.reloading.reload());
    const load = await repeat(() => store.load());
    const flush = async (count, turn) => {
      const cells = service.cluster(1).machines.slice(0, count);
      const written = nextWrite();
      for (const cell of cells) service.setStatus(cell, turn % 2 === 0 ? 'down' : 'up');
      // What the changes themselves took is over when the interval begins.
      const result = measure(() => written);
      return result;
    };
    const writes = {};
    for (const count of [1_000, ROWS]) {
      const results = [];
      for (let i = 0; i <= RUNS; i++) results.push(await flush(count, i));
      const warm = results.slice(1);
      writes[count] = { worst: Math.max(...warm.map((r) => r.blocked)) };
    }
    const states = (count, turn) =>
      Array.from({ length: count }, (_, i) => ({
        clustererId: i + 1,
        state: turn % 3,
        noTries: turn,
        lastAttempt: turn,
      }));
    const save1 = await repeat((i) => store.saveStates(states(1_000, i)));
    const save10 = await repeat((i) => store.saveStates(states(ROWS, i)));
    process.stdout.write(`${JSON.stringify({ version, reload, load, writes, save1, save10 }, null, 1)}\n`);
  } finally {
    await store.close();
    await drop();
  }
}

async function main() {
  for (const create of DATABASES) await bench(create);
}

main();
