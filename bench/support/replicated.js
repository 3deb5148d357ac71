/** Replicas on a nats-server and a PostgreSQL database of their own. */
const { spawn } = require('node:child_process');
const { randomUUID } = require('node:crypto');
const { once } = require('node:events');
const { existsSync, rmSync } = require('node:fs');
const { connect, createServer } = require('node:net');
const { delimiter, join } = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { PrismaPg } = require('@prisma/adapter-pg');
const { scratchFolder, startService } = require('./processes.js');
const { fillTable, openStores, query } = require('./table.js');

const POSTGRESQL = process.env.TEST_POSTGRESQL_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a connection to that port succeeds. */
function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** A nats-server with JetStream on an empty folder. */
async function startNats() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  const program = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (program === undefined) throw new Error('nats-server is not installed');
  const folder = scratchFolder();
  const port = await freePort();
  const place = ['--jetstream', '--store_dir', folder, '--addr', '127.0.0.1', '--port', String(port)];
  const child = spawn(program, place, { stdio: 'ignore' });
  while (!(await isListening(port))) await delay(20);
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  };
  return { url: `127.0.0.1:${port}`, stop };
}

/** A database with so many machines in the table, in so many clusters. */
async function createDatabase(machines, clusters) {
  const adapterOf = (connectionString) => new PrismaPg({ connectionString }).connect();
  const server = await adapterOf(POSTGRESQL);
  const name = `clusterer_bench_${randomUUID().replaceAll('-', '')}`;
  await query(server, `CREATE DATABASE ${name}`);
  const url = new URL(POSTGRESQL);
  url.pathname = `/${name}`;
  const stores = await openStores(url.href);
  await stores.machines.close();
  const adapter = await adapterOf(url.href);
  await fillTable(adapter, machines, undefined, clusters);
  await adapter.dispose();
  const drop = async () => {
    await query(server, `DROP DATABASE ${name} WITH (FORCE)`);
    await server.dispose();
  };
  return { url: url.href, drop };
}

/** Starts so many replicas, one after another: the first one leads. `add` starts one more. */
async function startReplicas(count, { machines = 0, clusters = 1 } = {}) {
  const nats = await startNats();
  const database = await createDatabase(machines, clusters);
  const all = [];
  const add = async () => {
    const environment = {
      CLUSTERER_NATS_URL: nats.url,
      CLUSTERER_DB_URL: database.url,
      CLUSTERER_REPLICA: `r${all.length + 1}`,
    };
    const replica = await startService(environment);
    all.push(replica);
    return replica;
  };
  for (let i = 0; i < count; i++) await add();
  const stop = async () => {
    for (const replica of all) await replica.stop().catch(() => {});
    await nats.stop();
    await database.drop();
  };
  return { all, add, stop };
}

/** Whether this replica leads. One that does not run does not. */
async function leads({ http }) {
  const answer = await fetch(`${http}/leaderz`).catch(() => null);
  return answer?.status === 200;
}

module.exports = { leads, startNats, startReplicas };
