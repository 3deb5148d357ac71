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

/** Three floods, of which the last counts: they become faster for so long. */
async function floodOnce({ pid, ...addresses }, { subprotocol, sockets, count }) {
  const load = await startLoad(addresses, subprotocol, sockets);
  try {
    for (let warmUp = 0; warmUp < 2; warmUp++) await flood(load, pid, count);
    return await flood(load, pid, count);
  } finally {
    await load.stop();
  }
}

/**
 * The service and a bare pipe with the same load, in new processes each round: what V8 makes of the same code, and the kernel of a
 * connection, differs by more from one to the next than from round to round.
 */
function relaySideBySide({ rounds, ...load }) {
  const ours = async () => {
    const service = await startRelay();
    try {
      return await floodOnce(service, load);
    } finally {
      await service.stop();
    }
  };
  const baseline = async () => {
    const pipe = startScript('baselines/pipe.js', 'server');
    try {
      const addresses = await pipe.call('listen', { json: load.subprotocol === 'clusterer.v1' });
      return await floodOnce({ pid: pipe.pid, ...addresses }, load);
    } finally {
      await pipe.stop();
    }
  };
  return sideBySide(rounds, ours, baseline, { warmUp: false });
}

/** The rates of some floods, in packets a second. */
async function floodRate(load, pid, { rounds, count }) {
  const rates = [];
  for (let round = 0; round < rounds; round++) rates.push((await flood(load, pid, count)).value);
  return spread(rates);
}

module.exports = { floodRate, PAYLOAD_BYTES, REGISTRATION, relaySideBySide, startLoad, startRelay };
