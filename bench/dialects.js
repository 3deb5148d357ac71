const { addressOf, FLEET_MIXES, MEMBER, MIXES } = require('./support/mixes.js');
const { startScript, startService } = require('./support/processes.js');
const { provision } = require('./support/provision.js');
const { startRelay, warmFlood } = require('./support/relaying.js');
const { sideBySide } = require('./support/rounds.js');

const ENVIRONMENT = { CLUSTERER_SERVER_ID: String(MEMBER), CLUSTERER_DIALECT: '2.4' };

/** The mixes that differ only in their dialect. */
const PAIR = { 2.2: 'types', 2.4: 'fleetTypes' };

/** A service that is a member of a fleet: its machine answers pings, as daemons do. */
async function startMember() {
  const service = await startService(ENVIRONMENT);
  await provision(service.http, 1, { machine_id: MEMBER, url: `bin:${service.bin}` });
  const pings = startScript('load/pings.js', 'load');
  const [machineId] = FLEET_MIXES[PAIR['2.4']].machineIds;
  const machine = { clusterId: 1, machineId, host: addressOf(0), bin: service.bin };
  await provision(service.http, 1, { machine_id: machineId, url: await pings.call('listen', machine) });
  const stop = async () => {
    await pings.stop();
    await service.stop();
  };
  return { ...service, stop };
}

/** The flood of one dialect, in new processes. */
function floodOf(dialect, count) {
  return async () => {
    const service = await (dialect === '2.4' ? startMember() : startRelay({ mix: PAIR[dialect] }));
    try {
      return await warmFlood(service, { subprotocol: 'clusterer.v1.bin', mix: PAIR[dialect], count });
    } finally {
      await service.stop();
    }
  };
}

/** A packet's whole way through the service, in both dialects. */
async function run({ rounds, quick }) {
  const count = quick ? 10_000 : 2_000_000;
  const measured = await sideBySide(rounds, floodOf('2.4', count), floodOf('2.2', count), { warmUp: false });
  const what = `BIN of OpenSIPS 2.4 to 4.0 in, \`clusterer.v1.bin\` out, auth check on: ${MIXES[PAIR['2.2']].what}`;
  return [{ what, against: 'the service with packets of OpenSIPS 2.2', unit: 'packets/s', atLeast: 0.9, ...measured }];
}

module.exports = { run };
