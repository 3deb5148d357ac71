const { join } = require('node:path');
const { scratchFolder, startScript, startService } = require('./support/processes.js');
const { spread } = require('./support/statistics.js');
const { changeRows, makeTable } = require('./support/table.js');

const MACHINES = 10_000;

/** Reloads of each kind in one process. The first warms up. */
const RELOADS = 4;

/** The third failure in a row disables a machine: each send here is a failure of all, the last also 10,000 changes of state. */
const SENDS = 3;

/** Nothing listens on port 1 of the loopback addresses. */
const refusing = (machineId) => `bin:127.${(machineId >> 16) & 255}.${(machineId >> 8) & 255}.${machineId & 255}:1`;

async function post(http, path, body) {
  const answer = await fetch(http + path, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Milliseconds that the event loop stood still at most while `work` was done. */
async function longestStall(service, work) {
  await service.call('watchLoop');
  await work();
  return service.call('longestStall');
}

async function reloadTable(service, expected) {
  const { changed } = await post(service.http, '/reload');
  if (changed !== expected) throw new Error(`${changed} machines changed instead of ${expected}`);
}

async function sendToAll(service, machines) {
  const { results } = await post(service.http, '/clusters/1/packets', { module: 'ul', packet_type: 1 });
  const refused = results.filter(({ error }) => error === 'refused').length;
  if (refused !== machines) throw new Error(`${refused} of ${machines} machines refused`);
}

/** One process: reloads of a table that is the same, and of one where every row has changed; then sends that all machines refuse. */
async function measure(machines) {
  const folder = scratchFolder();
  await makeTable(folder, machines, refusing);
  const service = await startService({}, folder);
  const load = startScript('load/modules.js', 'load');
  const stalls = { same: [], changed: [], refused: [] };
  try {
    await load.call('open', { http: service.http, requests: [{ method: 'watch', params: {} }] });
    for (let round = 0; round < RELOADS; round++) {
      stalls.same.push(await longestStall(service, () => reloadTable(service, 0)));
      await changeRows(join(folder, 'data/clusterer.db'), `round ${round}`);
      stalls.changed.push(await longestStall(service, () => reloadTable(service, machines)));
    }
    for (let round = 0; round < SENDS; round++) {
      stalls.refused.push(await longestStall(service, () => sendToAll(service, machines)));
    }
  } finally {
    await load.stop();
    await service.stop();
  }
  return { same: stalls.same.slice(1), changed: stalls.changed.slice(1), refused: stalls.refused };
}

async function run({ rounds, quick }) {
  const machines = quick ? MACHINES / 10 : MACHINES;
  const taken = [];
  for (let round = 0; round < rounds; round++) taken.push(await measure(machines));
  const count = machines.toLocaleString('en');
  const row = (what, name) => ({
    what: `${what}: longest stall of the event loop`,
    unit: 'ms',
    value: spread(taken.flatMap((one) => one[name])),
    atMost: 50,
  });
  return [
    row(`reload of ${count} rows that are the same`, 'same'),
    row(`reload of ${count} rows that have all changed, before a watcher`, 'changed'),
    row(`\`send_to\` to ${count} machines that refuse`, 'refused'),
  ];
}

module.exports = { run };
