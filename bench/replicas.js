const { performance } = require('node:perf_hooks');
const { setTimeout: delay } = require('node:timers/promises');
const { addressOf, MIXES, mixOf } = require('./support/mixes.js');
const { burstOf } = require('./support/bursts.js');
const { startScript } = require('./support/processes.js');
const { provision } = require('./support/provision.js');
const { flood, REGISTRATION, startLoad } = require('./support/relaying.js');
const { leads, startNats, startReplicas } = require('./support/replicated.js');
const { compared, inTurn, sideBySide } = require('./support/rounds.js');
const { spread } = require('./support/statistics.js');

const REPLICAS = 3;
const MIX = 'types';
const BINARY = 'clusterer.v1.bin';

/** Bytes of a message of the log. */
const MESSAGE_BYTES = 65_536;

const LATENCY_RATE = 50_000;

/** A socket may have 256. */
const REGISTRATIONS_A_SOCKET = 250;

/** Three replicas that know the machines of the mix. The first one leads. */
async function startRelays() {
  const replicas = await startReplicas(REPLICAS);
  const [first] = replicas.all;
  for (const [index, machineId] of mixOf(MIX).machineIds.entries()) {
    await provision(first.http, 1, { machine_id: machineId, url: `bin:${addressOf(index)}:5555` });
  }
  return replicas;
}

/** What `measure` makes of machines that send to the first replica, and modules at `http`. */
async function withLoad({ http, bin }, parts, measure) {
  const load = await startLoad({ http, bin }, { mix: MIX, subprotocol: BINARY, ...parts });
  try {
    const measured = await measure(load);
    await load.call('leave');
    return measured;
  } finally {
    await load.stop();
  }
}

/** Packets a second from a machine at the first replica to a module at the same one; all three apply them. */
function relayRate([first], count) {
  return withLoad(first, {}, async (load) => {
    await flood(load, first.pid, count);
    return (await flood(load, first.pid, count)).value;
  });
}

/** Milliseconds from the write of a packet to its arrival at a module. */
function latency([{ bin }], { http }, seconds) {
  return withLoad({ http, bin }, {}, async (load) => {
    await load.call('paced', { perSecond: LATENCY_RATE, count: LATENCY_RATE });
    return load.call('paced', { perSecond: LATENCY_RATE, count: LATENCY_RATE * seconds });
  });
}

/** Milliseconds from the death of the leader until another replica leads. */
async function takeover([leader, ...others]) {
  if (!(await leads(leader))) throw new Error('the first replica does not lead');
  const killed = performance.now();
  process.kill(leader.pid, 'SIGKILL');
  while (!(await Promise.all(others.map(leads))).includes(true)) await delay(10);
  return performance.now() - killed;
}

/** What three replicas do, each time with new processes: the relay, its latency at the replica that gets the packets and at another, the next leader. */
async function relayAndTakeover({ count, seconds }) {
  const replicas = await startRelays();
  const { all } = replicas;
  try {
    const value = await relayRate(all, count);
    const same = await latency(all, all[0], seconds);
    const other = await latency(all, all[1], seconds);
    return { value, same: same.p99, other: other.p99, takeover: await takeover(all) };
  } finally {
    await replicas.stop();
  }
}

/** The same bytes through bare JetStream, to as many readers. */
async function bareJetStream(count) {
  const [machineId] = mixOf(MIX).machineIds;
  const packets = burstOf(mixOf(MIX).cycle(machineId), 1_000);
  const messages = Math.ceil(((packets.bytes.length / 1_000) * count) / MESSAGE_BYTES);
  const nats = await startNats();
  const publisher = startScript('baselines/jetstream.js', 'load');
  const readers = Array.from({ length: REPLICAS }, () => startScript('baselines/jetstream.js', 'server'));
  try {
    for (const { call } of [publisher, ...readers]) await call('connect', { url: nats.url });
    await publisher.call('create');
    const reads = readers.map(({ call }) => call('read', { count: messages }));
    const started = performance.now();
    await Promise.all([publisher.call('publish', { count: messages, bytes: MESSAGE_BYTES }), ...reads]);
    return { value: (count * 1_000) / (performance.now() - started) };
  } finally {
    for (const { stop } of [publisher, ...readers]) await stop();
    await nats.stop();
  }
}

/** Packets a second to so many modules, all at one replica or spread over all. */
async function fanOut(modules, count, isSpread) {
  const replicas = await startRelays();
  const [first] = replicas.all;
  try {
    const http = isSpread ? replicas.all.map((replica) => replica.http) : first.http;
    const receivers = Array.from({ length: modules }, () => ['ul']);
    const load = await startLoad({ http, bin: first.bin }, { subprotocol: BINARY, receivers });
    const measured = await flood(load, first.pid, count);
    await load.stop();
    return measured;
  } finally {
    await replicas.stop();
  }
}

/** Milliseconds from the start of a process to a replica that listens, several times. */
async function joins(rounds, { machines, registrations, waitMs }) {
  const replicas = await startReplicas(1, { machines });
  const [first] = replicas.all;
  const modules = startScript('load/modules.js', 'load');
  const taken = [];
  try {
    const requests = Array.from({ length: registrations }, (_, index) => {
      return { method: 'register_module', params: { ...REGISTRATION, module: `m${index}`, auth_check: false } };
    });
    for (let from = 0; from < registrations; from += REGISTRATIONS_A_SOCKET) {
      await modules.call('open', { http: first.http, requests: requests.slice(from, from + REGISTRATIONS_A_SOCKET) });
    }
    // The next snapshot has them.
    await delay(waitMs);
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      const replica = await replicas.add();
      taken.push(performance.now() - started);
      await replica.stop();
    }
    return taken;
  } finally {
    await modules.stop();
    await replicas.stop();
  }
}

/** What a log of their own costs three replicas, and what it takes to replace one. */
async function run({ rounds, quick }) {
  const count = quick ? 50_000 : 1_000_000;
  const relayed = await inTurn(
    rounds,
    () => relayAndTakeover({ count, seconds: quick ? 1 : 3 }),
    () => bareJetStream(count),
    { warmUp: false },
  );
  const [ours] = relayed;
  const modules = quick ? 30 : 1_000;
  const fanned = await sideBySide(
    rounds,
    () => fanOut(modules, quick ? 1_000 : 10_000, true),
    () => fanOut(modules, quick ? 1_000 : 10_000, false),
    { warmUp: false },
  );
  const size = quick
    ? { machines: 1_000, registrations: 50, waitMs: 0 }
    : { machines: 10_000, registrations: 1_000, waitMs: 11_000 };
  const rate = `${LATENCY_RATE.toLocaleString('en')} packets/s`;
  const latencyRow = (where, of) => ({
    what: `three replicas: latency from socket to socket at ${rate}, ${MIXES[MIX].what}, module at ${where}: p99`,
    unit: 'ms',
    value: spread(ours.map((one) => one[of])),
    atMost: 20,
  });
  return [
    {
      what: `three replicas: BIN in, \`${BINARY}\` out at the same replica: ${MIXES[MIX].what}`,
      against: 'bare JetStream: the same bytes in messages of 64 KiB, three ordered consumers',
      unit: 'packets/s',
      atLeast: 0.6,
      ...compared(relayed),
    },
    latencyRow('the same replica', 'same'),
    latencyRow('another replica', 'other'),
    {
      what: `three replicas: one packet stream to ${modules.toLocaleString('en')} modules, spread over all`,
      against: 'the same modules at one of the three',
      unit: 'packets/s in',
      ...fanned,
    },
    {
      what: 'three replicas: from the death of the leader to the next one',
      unit: 'ms',
      value: spread(ours.map((one) => one.takeover)),
      atMost: 5_000,
    },
    {
      what: `a replica joins ${size.machines.toLocaleString('en')} machines and ${size.registrations.toLocaleString('en')} registrations: from the start of its process until it listens`,
      unit: 'ms',
      value: spread(await joins(rounds, size)),
    },
  ];
}

module.exports = { run };
