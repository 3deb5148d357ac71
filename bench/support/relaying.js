const { processorMicros, startScript, startService } = require('./processes.js');
const { provision } = require('./provision.js');
const { sideBySide } = require('./rounds.js');
const { spread } = require('./statistics.js');

const PAYLOAD_BYTES = 200;

/** Where the load comes from, and who may receive it. */
const MACHINE = { machine_id: 2, url: 'bin:127.0.0.2:5555' };

/** What a module asks for: the source of every packet is checked, and its reception is watched. */
const REGISTRATION = { module: 'ul', protocol: 'bin', timeout: 3_600, auth_check: true, cluster_id: 1 };

/** A service that one machine sends to. */
async function startRelay(environment) {
  const service = await startService(environment);
  await provision(service.http, 1, MACHINE);
  return service;
}

/** A process that sends to that server and reads what comes out on so many sockets. */
async function startLoad({ http, bin }, subprotocol, sockets) {
  const load = startScript('load/relay.js', 'load');
  const url = `${http.replace('http', 'ws')}/ws`;
  await load.call('open', { url, bin, subprotocol, count: sockets, params: REGISTRATION });
  return load;
}

/** One flood: packets a second, and the server's processor time for each. */
async function flood(load, pid, count) {
  const before = processorMicros(pid);
  const seconds = await load.call('flood', { count, payloadBytes: PAYLOAD_BYTES });
  return { value: count / seconds, cpuMicros: (processorMicros(pid) - before) / count };
}

/** The service and a bare pipe, each with the same load, which is idle while the other's turn is. */
async function relaySideBySide({ rounds, subprotocol, sockets, count }) {
  const service = await startRelay();
  const pipe = startScript('baselines/pipe.js', 'server');
  const addresses = await pipe.call('listen', { json: subprotocol === 'clusterer.v1' });
  const ours = await startLoad(service, subprotocol, sockets);
  const theirs = await startLoad(addresses, subprotocol, sockets);
  try {
    return await sideBySide(
      rounds,
      () => flood(ours, service.pid, count),
      () => flood(theirs, pipe.pid, count),
    );
  } finally {
    await Promise.all([ours.stop(), theirs.stop(), pipe.stop()]);
    await service.stop();
  }
}

/** The rates of some floods, in packets a second. */
async function floodRate(load, pid, { rounds, count }) {
  const rates = [];
  for (let round = 0; round < rounds; round++) rates.push((await flood(load, pid, count)).value);
  return spread(rates);
}

module.exports = { floodRate, PAYLOAD_BYTES, REGISTRATION, relaySideBySide, startLoad, startRelay };
