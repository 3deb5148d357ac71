const { constants, setPriority } = require('node:os');
const { setTimeout: delay } = require('node:timers/promises');
const { join } = require('node:path');
const { processorMicros, scratchFolder, startScript, startService } = require('./support/processes.js');
const { provision } = require('./support/provision.js');
const { REGISTRATION, startLoad } = require('./support/relaying.js');
const { percentile, spread } = require('./support/statistics.js');
const { changeRows, makeTable } = require('./support/table.js');

/** The service in both clusters. */
const SERVER_ID = 20_000;
const FLEET = 7;
const ENVIRONMENT = { CLUSTERER_SERVER_ID: String(SERVER_ID), CLUSTERER_DIALECT: `2.2,${FLEET}:2.4` };

const ROWS = 10_000;
const RATE = 500_000;

/**
 * In the service, and where a machine measures. A daemon drops a machine whose reply is late: by default after 1,000 ms. The machine's figure includes
 * that two sleeping processes wake up, which takes a bare Node milliseconds, too; during reloads it is as long as a collection of garbage.
 */
const P99_LIMITS_MS = { inside: 2, idle: 5, relay: 5, reload: 15 };

/** A bare Node that only writes as many pings, each by a timer, and reads the replies, needs 0.9. */
const COST_LIMIT_PERCENT = 2;

const PINGED_MACHINES = 100;
const PING_INTERVAL_SECONDS = 4;

/** With some hundred messages a second it takes a while until V8 has compiled what they run: the first minute costs three times as much. */
const WARM_SECONDS = 90;

/** A service with a cluster of dialect 2.2, whose rows are in its table, and a member of a fleet. */
async function startMember(rows) {
  const folder = scratchFolder();
  await makeTable(folder, rows);
  const service = await startService(ENVIRONMENT, folder);
  const own = { machine_id: SERVER_ID, url: `bin:${service.bin}` };
  await provision(service.http, 1, own);
  await provision(service.http, FLEET, own);
  return { ...service, folder };
}

/** Reloads as long as `isRunning`, each time with other rows. */
async function reloadOn(service, isRunning) {
  for (let round = 0; isRunning(); round++) {
    await changeRows(join(service.folder, 'data/clusterer.db'), `round ${round}`);
    const answer = await fetch(`${service.http}/reload`, { method: 'POST' });
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}

/** The process that pings goes before the load, which shares its core and never sleeps: otherwise it would measure how long it waits for the core. */
function startPings() {
  const pings = startScript('load/pings.js', 'load');
  try {
    setPriority(pings.pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Only root may. The figures are then an upper bound.
  }
  return pings;
}

/** One process: milliseconds to the reply of a ping when nothing else happens, during a relay, and during reloads. */
async function measureReplies({ rows, seconds, rate }) {
  const service = await startMember(rows);
  const pings = startPings();
  const ping = async () => {
    await service.call('replyTimes');
    const { p99 } = await pings.call('ping', { machineId: 1, seconds, everyMs: 5 });
    return { p99, insideP99: percentile(await service.call('replyTimes'), 0.99) };
  };
  try {
    await service.call('watchPings', { port: Number(service.bin.split(':').at(-1)) });
    const url = await pings.call('listen', { clusterId: FLEET, machineId: 1, host: '127.0.7.1', bin: service.bin });
    await provision(service.http, FLEET, { machine_id: 1, url });
    await ping();
    const idle = await ping();

    const load = await startLoad(service, {
      subprotocol: 'clusterer.v1.bin',
      mix: 'types',
      params: { ...REGISTRATION, auth_check: false },
    });
    await load.call('paced', { perSecond: rate, count: rate });
    const [relay] = await Promise.all([ping(), load.call('paced', { perSecond: rate, count: rate * seconds })]);
    await load.stop();

    let isRunning = true;
    const reloads = reloadOn(service, () => isRunning);
    const reload = await ping();
    isRunning = false;
    await reloads;
    return { idle, relay, reload };
  } finally {
    await pings.stop();
    await service.stop();
  }
}

/** Percent of a core that a fleet costs a service that has nothing else to do. */
async function measureCost({ machines, seconds, warmSeconds }) {
  const service = await startMember(0);
  const pings = startScript('load/pings.js', 'load');
  try {
    const cost = async () => {
      const before = processorMicros(service.pid);
      await delay(seconds * 1_000);
      return (processorMicros(service.pid) - before) / (seconds * 1e6);
    };
    const alone = await cost();
    for (let machineId = 1; machineId <= machines; machineId++) {
      const url = await pings.call('listen', {
        clusterId: FLEET,
        machineId,
        host: `127.0.8.${machineId}`,
        bin: service.bin,
      });
      await provision(service.http, FLEET, { machine_id: machineId, url });
    }
    await delay(1_000 * warmSeconds);
    return 100 * ((await cost()) - alone);
  } finally {
    await pings.stop();
    await service.stop();
  }
}

async function run({ rounds, quick }) {
  const rows = quick ? ROWS / 10 : ROWS;
  const taken = [];
  for (let round = 0; round < rounds; round++) {
    taken.push(await measureReplies({ rows, seconds: quick ? 1 : 3, rate: quick ? RATE / 10 : RATE }));
  }
  // Processor time, not elapsed: several processes may run at once.
  const costs = await Promise.all(
    Array.from({ length: Math.min(rounds, 3) }, () =>
      measureCost({
        machines: PINGED_MACHINES,
        seconds: quick ? PING_INTERVAL_SECONDS : 6 * PING_INTERVAL_SECONDS,
        warmSeconds: quick ? 2 : WARM_SECONDS,
      }),
    ),
  );
  const rowsOf = (what, name) => [
    {
      what: `reply to a ping of a fleet, ${what}: p99`,
      unit: 'ms',
      value: spread(taken.map((one) => one[name].p99)),
      atMost: P99_LIMITS_MS[name],
    },
    {
      what: 'the same in the service, from the read of the ping to the write of the reply: p99',
      unit: 'ms',
      value: spread(taken.map((one) => one[name].insideP99)),
      atMost: P99_LIMITS_MS.inside,
    },
  ];
  return [
    ...rowsOf('nothing else to do', 'idle'),
    ...rowsOf(`while ${RATE.toLocaleString('en')} packets/s are relayed`, 'relay'),
    ...rowsOf(`while ${rows.toLocaleString('en')} rows are reloaded`, 'reload'),
    {
      what: `pinging ${PINGED_MACHINES} machines every ${PING_INTERVAL_SECONDS} s, and answering theirs, after ${WARM_SECONDS} s`,
      unit: '% of a core',
      value: spread(costs),
      atMost: COST_LIMIT_PERCENT,
    },
  ];
}

module.exports = { run };
