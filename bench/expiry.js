const { scratchFolder, startScript, startService } = require('./support/processes.js');
const { makeTable } = require('./support/table.js');

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
async function run({ quick }) {
  const machines = quick ? MACHINES / 10 : MACHINES;
  const folder = scratchFolder();
  await makeTable(folder, machines);
  const service = await startService({}, folder);
  const load = startScript('load/modules.js', 'load');
  const { http } = service;
  try {
    await load.call('open', { http, requests: [{ method: 'watch', params: {} }] });
    const before = await service.call('heapUsed');
    const patient = Array.from({ length: REGISTRATIONS - EXPIRING }, (_, i) => register(`patient${i}`));
    await load.call('open', { http, requests: patient });
    const after = await service.call('heapUsed');
    const expiring = Array.from({ length: EXPIRING }, (_, i) => register(`expiring${i}`));
    await load.call('openExpiring', { http, requests: expiring, inMs: EXPIRE_MS });
    await service.call('watchLoop');
    const count = machines * EXPIRING;
    const toldWithin = await load.call('told', { method: 'timeout', count });
    await load.call('told', { method: 'reception', count });
    const watches = (machines * REGISTRATIONS).toLocaleString('en');
    return [
      {
        what: `${watches} watches armed, ${count.toLocaleString('en')} of them expire at once: longest stall of the event loop`,
        unit: 'ms',
        value: await service.call('longestStall'),
        atMost: 50,
      },
      { what: 'the same: from the first notification to the last', unit: 'ms', value: toldWithin },
      {
        what: `memory of a watch, of ${watches}`,
        unit: 'bytes',
        value: (after - before) / (machines * patient.length),
        atMost: 200,
      },
    ];
  } finally {
    await load.stop();
    await service.stop();
  }
}

module.exports = { run };
