const { processorMicros, startScript, startService } = require('./support/processes.js');
const { provision } = require('./support/provision.js');
const { sideBySide } = require('./support/rounds.js');

const MACHINES = 50;
const PAYLOAD_BYTES = 200;

async function startMachines() {
  const load = startScript('load/send-to.js', 'load');
  return { load, machines: await load.call('listen', { count: MACHINES }) };
}

/** One packet to fifty machines, asked for on a socket. */
async function run({ rounds, quick }) {
  const count = quick ? 100 : 10_000;
  const [ours, theirs] = [await startMachines(), await startMachines()];
  // More than the bare one answers.
  const service = await startService({ CLUSTERER_WS_MESSAGES_PER_SECOND: '1000000' });
  for (const [i, { host, port }] of ours.machines.entries()) {
    await provision(service.http, 1, { machine_id: i + 1, url: `bin:${host}:${port}` });
  }
  await ours.load.call('connect', service);
  const bare = startScript('baselines/broadcast.js', 'server');
  const results = ours.machines.map((_, i) => ({ machine_id: i + 1, sent: true }));
  await theirs.load.call('connect', await bare.call('listen', { machines: theirs.machines, results }));
  const send = async (load, pid) => {
    const before = processorMicros(pid);
    const seconds = await load.call('send', { count, payloadBytes: PAYLOAD_BYTES });
    return { value: count / seconds, cpuMicros: (processorMicros(pid) - before) / count };
  };
  try {
    const measured = await sideBySide(
      rounds,
      () => send(ours.load, service.pid),
      () => send(theirs.load, bare.pid),
    );
    return [
      {
        what: `\`send_to\` to ${MACHINES} machines`,
        against: `bare Node: the same buffer written to ${MACHINES} kept sockets, the same answer`,
        unit: 'calls/s',
        atLeast: 0.7,
        ...measured,
      },
    ];
  } finally {
    await Promise.all([ours.load.stop(), theirs.load.stop(), bare.stop()]);
    await service.stop();
  }
}

module.exports = { run };
