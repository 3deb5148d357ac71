/**
 * `npm run demo`: the service, a small fleet of simulated machines and a module, until Ctrl-C. The table is in a temporary folder.
 * `--quick` leaves out the pauses for the reader. `--fleet`: a fleet of OpenSIPS 2.4 to 4.0, of which the service is a member.
 * `--replicas 3`: three replicas on a NATS server of their own, one of which is killed.
 */
import { join } from 'node:path';
import { connect } from 'clusterer/client';
import { failures, fleetOf, operations, startFleet } from './fleet.mjs';
import { FLEET_ENVIRONMENT, OWN_HOST, playFleet } from './living-fleet.mjs';
import {
  failed,
  folder,
  isEnding,
  linesOf,
  pause,
  portAt,
  portFor,
  print,
  say,
  spawnModule,
  time,
} from './processes.mjs';
import { playReplicas } from './replicas.mjs';
import { describeChange } from './words.mjs';

const isFleet = process.argv.includes('--fleet');
const replicas = process.argv.indexOf('--replicas');

if (replicas !== -1) await playReplicas(Number(process.argv[replicas + 1] ?? 3));

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

const http = await portFor('the page', 8080);
const bin = await portFor('BIN', 5555, isFleet ? OWN_HOST : '127.0.0.1');
const url = `http://127.0.0.1:${http}`;

const log = spawnModule('../../dist/server.js', {
  CLUSTERER_DB_URL: `file:${join(folder, 'demo.db')}`,
  CLUSTERER_PERSISTENT_MODE: '1',
  CLUSTERER_HTTP_PORT: String(http),
  CLUSTERER_BIN_PORT: String(bin),
  CLUSTERER_LOG_LEVEL: 'error',
  ...(isFleet && FLEET_ENVIRONMENT),
});
linesOf(log).on('line', print);
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
  pause,
};
if (isFleet) await playFleet({ ...stage, isEnding });

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
linesOf(spawnModule('module.mjs', { SERVICE: url })).on('line', (line) => {
  if (!printed.has(line)) print(`${time()}    ${'module ul'.padEnd(19)} ${line}`);
  printed.add(line);
});
await seen('module_registered', ({ module }) => module === 'ul');

while (!isEnding()) {
  await Promise.all([failures(machines, stage), operations(machines, stage)]);
  printed.clear();
  say('That was everything; the demo starts over.');
}
