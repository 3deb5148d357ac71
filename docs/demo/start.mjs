/**
 * `npm run demo`: the service, a small fleet of simulated machines and a module, until Ctrl-C. The table is in a temporary folder.
 * `--quick` leaves out the pauses for the reader. `--fleet`: a fleet of OpenSIPS 2.4 to 4.0, of which the service is a member.
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
import { failures, fleetOf, operations, startFleet } from './fleet.mjs';
import { FLEET_ENVIRONMENT, OWN_HOST, playFleet } from './living-fleet.mjs';
import { describeChange } from './words.mjs';

const isFleet = process.argv.includes('--fleet');
const PAUSE_MS = process.argv.includes('--quick') ? 0 : 1_500;

const children = [];
const folder = await mkdtemp(join(tmpdir(), 'clusterer-demo-'));
let ending = false;

const print = (line = '') => process.stdout.write(`${line}\n`);
const time = () => new Date().toTimeString().slice(0, 8);
const say = (text) => print(`\n${time()}  ${text}`);

/** Ends all processes, newest first, and removes the folder. */
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
  process.stderr.write(`The demo failed: ${error.message}\n`);
  void end(1);
}

/** Tries to listen there, at any port for 0. Returns the port, or null. */
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

/** The usual port, or a free one. */
async function portFor(purpose, port, host = '127.0.0.1') {
  const usual = await portAt(host, port);
  if (usual !== null) return usual;
  const other = await portAt(host, 0);
  print(`Port ${port} is in use, so ${purpose} is at ${other}.`);
  return other;
}

/** Starts a program as a process that Ctrl-C does not reach, so that `end` stops them in order. */
function run(file, environment) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', (code, signal) => failed(new Error(`${file} exited with ${code ?? signal}`)));
  children.push(child);
  return createInterface(child.stdout);
}

/** Makes a REST request. */
async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
}

const awaited = new Set();

/** Resolves with the next change that matches. */
function seen(method, matches) {
  return new Promise((resolve) => awaited.add({ method, matches, resolve }));
}

function onChange(change) {
  print(`${time()}    ${change.method.padEnd(19)} ${describeChange(change)}`);
  for (const one of awaited) {
    if (one.method !== change.method || !one.matches(change.params)) continue;
    awaited.delete(one);
    one.resolve();
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
process.on('uncaughtException', failed);

const http = await portFor('the page', 8080);
const bin = await portFor('BIN', 5555, isFleet ? OWN_HOST : '127.0.0.1');
const url = `http://127.0.0.1:${http}`;

const log = run('../../dist/server.js', {
  CLUSTERER_DB_URL: `file:${join(folder, 'demo.db')}`,
  CLUSTERER_PERSISTENT_MODE: '1',
  CLUSTERER_HTTP_PORT: String(http),
  CLUSTERER_BIN_PORT: String(bin),
  CLUSTERER_LOG_LEVEL: 'error',
  ...(isFleet && FLEET_ENVIRONMENT),
});
log.on('line', print);
const client = await connect(url, { waitForService: true, onError: failed });
await client.watch({}, { change: onChange });

print('\nThe live page is at:\n');
print(`    ${url}/\n`);
print(
  'Below is what the fleet does and, indented, what the service reports. Ctrl-C ends the demo and removes its files.',
);

const stage = {
  url,
  bin,
  ask,
  say,
  seen,
  failed,
  pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
};
if (isFleet) await playFleet({ ...stage, isEnding: () => ending });

const manyHosts = (await portAt('127.0.0.2', 0)) !== null;
if (!manyHosts)
  print(
    'This system has no loopback address but 127.0.0.1 (macOS is like this): the machines share it, each with its own port.',
  );
const machines = fleetOf((index) => (manyHosts ? `127.0.0.${index + 2}` : '127.0.0.1'), {
  host: '127.0.0.1',
  port: bin,
});

await startFleet(machines, stage);

/** What the module has printed in this round. Its packets are always the same, so each line is shown once. */
const printed = new Set();
run('module.mjs', { SERVICE: url }).on('line', (line) => {
  if (!printed.has(line)) print(`${time()}    ${'module ul'.padEnd(19)} ${line}`);
  printed.add(line);
});
await seen('module_registered', ({ module }) => module === 'ul');

while (!ending) {
  await Promise.all([failures(machines, stage), operations(machines, stage)]);
  printed.clear();
  say('That was everything; the demo starts over.');
}
