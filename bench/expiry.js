const { scratchFolder, startScript, startService } = require('./support/processes.js');
const { spread } = require('./support/statistics.js');
const { makeTable } = require('./support/table.js');

/** Each takes a quarter of a minute. */
const MOST_ROUNDS = 5;

const MACHINES = 10_000;
const REGISTRATIONS = 100;

/** Of the registrations, those whose watches all expire within a few milliseconds, and when. */
const EXPIRING = 10;
const EXPIRE_MS = 10_000;

function register(module) {
  return {
    method: 'register_module',
    params: { module, protocol: 'bin', timeout: 3_600, auth_check: true, cluster_id: 1 },
  };
}

/** A million watches on a running service, and a tenth of them that run out at once while an operator watches. */
async function expire(machines) {
  const folder = scratchFolder();
  await makeTable(folder, machines);
  const service = await startService({}, folder);
  const load = startScript('load/modules.js', 'load');
  const { http } = service;
  try {
    await load.call('open', { http, requests: [{ method: 'watch', params: {} }] });
    const before = await service.call('heapUsed');
    const patient = Array.from({ length: REGISTRATIONS - EXPIRING }, (_, i) => register(`patient${i}`));
    await service.call('watchLoop');
    await load.call('open', { http, requests: patient });
    const stallArming = await service.call('longestStall');
    const after = await service.call('heapUsed');
    const expiring = Array.from({ length: EXPIRING }, (_, i) => register(`expiring${i}`));
    await load.call('openExpiring', { http, requests: expiring, inMs: EXPIRE_MS });
    await service.call('watchLoop');
    const count = machines * EXPIRING;
    const toldWithin = await load.call('told', { method: 'timeout', count });
    await load.call('told', { method: 'reception', count });
    const stallExpiring = await service.call('longestStall');
    return { stallArming, stallExpiring, toldWithin, bytesOfAWatch: (after - before) / (machines * patient.length) };
  } finally {
    await load.stop();
    await service.stop();
  }
}

async function run({ rounds, quick }) {
  const machines = quick ? MACHINES / 10 : MACHINES;
  const taken = [];
  for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) taken.push(await expire(machines));
  const all = (name) => spread(taken.map((one) => one[name]));
  const watches = (machines * REGISTRATIONS).toLocaleString('en');
  const expired = (machines * EXPIRING).toLocaleString('en');
  return [
    {
      what: `${watches} watches armed, ${expired} of them expire at once: longest stall of the event loop`,
      unit: 'ms',
      value: all('stallExpiring'),
      atMost: 50,
    },
    { what: 'the same: from the first notification to the last', unit: 'ms', value: all('toldWithin') },
    // Without a limit: an answer of ten thousand machines, and a message of a megabyte to the watcher, for each registration.
    {
      what: `the same: longest stall while they are armed, ${machines.toLocaleString('en')} by a registration`,
      unit: 'ms',
      value: all('stallArming'),
    },
    { what: `memory of a watch, of ${watches}`, unit: 'bytes', value: all('bytesOfAWatch'), atMost: 200 },
  ];
}

module.exports = { run };
