/**
 * `npm run demo`: the service, a small fleet of simulated machines and a module, until Ctrl-C. Its table is in a temporary folder.
 * With `--quick` nothing is paused for those who read along.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from 'clusterer/client';
import { fleetOf, startFleet, troubles, work } from './fleet.mjs';
import { wordsOf } from './words.mjs';

const PAUSE_MS = process.argv.includes('--quick') ? 0 : 1_500;

const children = [];
const folder = await mkdtemp(join(tmpdir(), 'clusterer-demo-'));
let ending = false;

const print = (line = '') => process.stdout.write(`${line}\n`);
const time = () => new Date().toTimeString().slice(0, 8);
const say = (text) => print(`\n${time()}  ${text}`);

/** Ends everything that was started, the newest first, and leaves nothing behind. */
async function end(exitCode) {
  if (ending) return;
  ending = true;
  for (const child of children.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
  process.exit(exitCode);
}

function failed(error) {
  if (ending) return;
  process.stderr.write(`The demo has failed: ${error.message}\n`);
  void end(1);
}

/** Whether one can listen there; `port` 0 tries the address alone. Answers the port, or null. */
async function portAt(host, port) {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const found = server.address().port;
  server.close();
  await once(server, 'close');
  return found;
}

/** The port that is the custom, or a free one. */
async function portFor(purpose, port) {
  const usual = await portAt('127.0.0.1', port);
  if (usual !== null) return usual;
  const other = await portAt('127.0.0.1', 0);
  print(`Port ${port} is taken, so ${purpose} is at ${other}.`);
  return other;
}

/** A program in a process of its own, which Ctrl-C does not reach: they are ended in order. */
function run(file, environment) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', (code, signal) => failed(new Error(`${file} has ended with ${code ?? signal}`)));
  children.push(child);
  return createInterface(child.stdout);
}

/** Asks the service over REST. */
async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
}

const awaited = new Set();

/** Resolves when the service next tells this of something that fits. */
function seen(method, fits) {
  return new Promise((resolve) => awaited.add({ method, fits, resolve }));
}

function told(change) {
  print(`${time()}    ${change.method.padEnd(19)} ${wordsOf(change)}`);
  for (const one of awaited) {
    if (one.method !== change.method || !one.fits(change.params)) continue;
    awaited.delete(one);
    one.resolve();
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
process.on('uncaughtException', failed);

const http = await portFor('the page', 8080);
const bin = await portFor('BIN', 5555);
const url = `http://127.0.0.1:${http}`;

const log = run('../../dist/server.js', {
  CLUSTERER_DB_URL: `file:${join(folder, 'demo.db')}`,
  CLUSTERER_PERSISTENT_MODE: '1',
  CLUSTERER_HTTP_PORT: String(http),
  CLUSTERER_BIN_PORT: String(bin),
  CLUSTERER_LOG_LEVEL: 'error',
});
log.on('line', print);
const client = await connect(url, { waitForService: true, onError: failed });
await client.watch({}, { change: told });

print('\nThe live page is at:\n');
print(`    ${url}/\n`);
print('Below is what the fleet does, and indented what the service tells. Ctrl-C ends it, and nothing stays behind.');

const manyHosts = (await portAt('127.0.0.2', 0)) !== null;
if (!manyHosts)
  print('This system has no address but 127.0.0.1 (macOS is so): the machines share it, each with a port of its own.');
const machines = fleetOf((index) => (manyHosts ? `127.0.0.${index + 2}` : '127.0.0.1'), {
  host: '127.0.0.1',
  port: bin,
});

const stage = { url, ask, say, seen, failed, pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)) };
await startFleet(machines, stage);

/** What the module has said in this round: packets are the same all the time, and said once. */
const said = new Set();
run('module.mjs', { SERVICE: url }).on('line', (line) => {
  if (!said.has(line)) print(`${time()}    ${'module ul'.padEnd(19)} ${line}`);
  said.add(line);
});
await seen('module_registered', ({ module }) => module === 'ul');

while (!ending) {
  await Promise.all([troubles(machines, stage), work(machines, stage)]);
  said.clear();
  say('That was all of it; it begins again.');
}
