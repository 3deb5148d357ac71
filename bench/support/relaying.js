const { addressOf, mixOf } = require('./mixes.js');
const { processorMicros, startScript, startService } = require('./processes.js');
const { provision } = require('./provision.js');
const { sideBySide } = require('./rounds.js');
const { spread } = require('./statistics.js');

/** What a module asks for: the source of every packet is checked, and its reception is watched. */
const REGISTRATION = { module: 'ul', protocol: 'bin', timeout: 3_600, auth_check: true, cluster_id: 1 };

/** A service that knows the machines of this mix. */
async function startRelay({ mix = 'repeated', environment } = {}) {
  const service = await startService(environment);
  for (const [index, machineId] of mixOf(mix).machineIds.entries()) {
    await provision(service.http, 1, { machine_id: machineId, url: `bin:${addressOf(index)}:5555` });
  }
  return { ...service, isProbed: true };
}

/** A bare pipe in place of the service. */
async function startPipe(subprotocol) {
  const pipe = startScript('baselines/pipe.js', 'server');
  const addresses = await pipe.call('listen', { json: subprotocol === 'clusterer.v1' });
  return { ...pipe, ...addresses };
}

/** A process that sends the packets of a mix to that server, and reads what comes out, also at several. `receivers`: a list of modules for each socket. */
async function startLoad(
  { http, bin },
  { subprotocol, mix = 'repeated', receivers = separateSockets(mix), params = REGISTRATION },
) {
  const load = startScript('load/relay.js', 'load');
  const urls = [http].flat().map((one) => `${one.replace('http', 'ws')}/ws`);
  await load.call('open', { urls, bin, subprotocol, mix, receivers, params });
  return load;
}

/** A socket for each module of the mix. */
function separateSockets(mix) {
  return mixOf(mix).modules.map((module) => [module]);
}

/** One flood: packets a second, and the server's processor time for each. */
async function flood(load, pid, count) {
  const before = processorMicros(pid);
  const seconds = await load.call('flood', { count });
  return { value: count / seconds, cpuMicros: (processorMicros(pid) - before) / count };
}

/**
 * Floods before the one that counts. They become faster until V8 has compiled what is called once for each read: with binary packets, of which
 * one read has hundreds, after some 25 million.
 */
const WARM_UPS = { 'clusterer.v1': 2, 'clusterer.v1.bin': 12 };

/** Floods after those. The one in the middle counts: one of them takes a fifth more than the next. */
const FLOODS = 5;

/** One flood of a warm server. */
async function warmFlood(server, { count, ...parts }) {
  const load = await startLoad(server, parts);
  const floods = [];
  try {
    for (let warmUp = 0; warmUp < WARM_UPS[parts.subprotocol]; warmUp++) await flood(load, server.pid, count);
    while (floods.length < FLOODS) floods.push(await flood(load, server.pid, count));
  } finally {
    await load.stop();
  }
  return floods.toSorted((one, other) => one.value - other.value)[(FLOODS - 1) / 2];
}

/**
 * Runs `measure` on the service and on a bare pipe, in new processes each time: what V8 makes of the same code, and the kernel of a
 * connection, differs by more from one to the next than from round to round.
 * @returns functions for the sides of a comparison. `measure` gets the server and the parts of a load
 */
function serviceAndPipe(parts, measure) {
  const { mix = 'repeated', subprotocol } = parts;
  const receivers = parts.receivers ?? separateSockets(mix);
  // A bare pipe does not sort packets: they all go to one socket, except where every socket gets every packet.
  const isBroadcast = receivers.every((modules) => modules.join() === receivers[0].join());
  const ofPipe = isBroadcast ? receivers : [receivers.flat()];
  const on = (start, sockets) => async () => {
    const server = await start();
    try {
      return await measure(server, { ...parts, receivers: sockets });
    } finally {
      await server.stop();
    }
  };
  return { ours: on(() => startRelay({ mix }), receivers), baseline: on(() => startPipe(subprotocol), ofPipe) };
}

/** The floods of a load on the service and on a bare pipe. */
function relaySideBySide({ rounds, ...parts }) {
  const { ours, baseline } = serviceAndPipe(parts, warmFlood);
  return sideBySide(rounds, ours, baseline, { warmUp: false });
}

/** The rates of some floods, in packets a second. */
async function floodRate(load, pid, { rounds, count }) {
  const rates = [];
  for (let round = 0; round < rounds; round++) rates.push((await flood(load, pid, count)).value);
  return spread(rates);
}

module.exports = { flood, floodRate, REGISTRATION, relaySideBySide, serviceAndPipe, startLoad, startRelay, warmFlood };
