const { performance } = require('node:perf_hooks');
const { setTimeout: delay } = require('node:timers/promises');
const { addressOf, MIXES, mixOf } = require('./support/mixes.js');
const { burstOf } = require('./support/bursts.js');
const { sharingCores } = require('./support/machine.js');
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

/** In a process that is younger, V8 compiles. */
const WARM_UP_SECONDS = 3;

/** Of the machines and registrations that a replica joins. */
const CLUSTERS = 100;

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

/** Milliseconds from when a packet is due to its arrival at a module. */
function latency([{ bin }], { http }, seconds) {
  return withLoad({ http, bin }, {}, async (load) => {
    const paced = (count) => load.call('paced', { perSecond: LATENCY_RATE, count, rests: true });
    await paced(LATENCY_RATE * WARM_UP_SECONDS);
    return paced(LATENCY_RATE * seconds);
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
    return { value, same, other, takeover: await takeover(all) };
  } finally {
    await replicas.stop();
  }
}

/** Bare JetStream in place of the replicas: one process that publishes, and as many that read. */
async function withJetStream(measure) {
  const nats = await startNats();
  const publisher = startScript('baselines/jetstream.js', 'load');
  const readers = Array.from({ length: REPLICAS }, () => startScript('baselines/jetstream.js', 'server'));
  try {
    for (const { call } of [publisher, ...readers]) await call('connect', { url: nats.url });
    await publisher.call('create');
    return await measure(publisher, readers);
  } finally {
    for (const { stop } of [publisher, ...readers]) await stop();
    await nats.stop();
  }
}

/** Bytes of so many packets of the mix. */
function bytesOf(count) {
  const [machineId] = mixOf(MIX).machineIds;
  return (burstOf(mixOf(MIX).cycle(machineId), 1_000).bytes.length / 1_000) * count;
}

/** The same bytes through bare JetStream. */
function bareRate(count) {
  return withJetStream(async (publisher, readers) => {
    const messages = Math.ceil(bytesOf(count) / MESSAGE_BYTES);
    const reads = readers.map(({ call }) => call('read', { count: messages }));
    const started = performance.now();
    await Promise.all([publisher.call('publish', { count: messages, bytes: MESSAGE_BYTES }), ...reads]);
    return (count * 1_000) / (performance.now() - started);
  });
}

/** A message a millisecond, with the packets of a millisecond. */
function bareLatency(seconds) {
  return withJetStream(async (publisher, readers) => {
    const [skip, count] = [WARM_UP_SECONDS * 1_000, seconds * 1_000];
    const reads = readers.map(({ call }) => call('readPaced', { skip, count }));
    const bytes = Math.round(bytesOf(LATENCY_RATE / 1_000));
    await publisher.call('publishPaced', { count: skip + count, bytes });
    const [first] = await Promise.all(reads);
    return first;
  });
}

async function bareJetStream({ count, seconds }) {
  const value = await bareRate(count);
  const { p50, p99 } = await bareLatency(seconds);
  return { value, p50, p99 };
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
  const replicas = await startReplicas(1, { machines, clusters: CLUSTERS });
  const [first] = replicas.all;
  const modules = startScript('load/modules.js', 'load');
  const taken = [];
  try {
    const requests = Array.from({ length: registrations }, (_, index) => {
      const params = { ...REGISTRATION, module: `m${index}`, cluster_id: (index % CLUSTERS) + 1 };
      return { method: 'register_module', params };
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
async function measure({ rounds, quick }) {
  const sizes = { count: quick ? 50_000 : 1_000_000, seconds: quick ? 1 : 5 };
  const relayed = await inTurn(
    rounds,
    () => relayAndTakeover(sizes),
    () => bareJetStream(sizes),
    { warmUp: false },
  );
  const [ours, bare] = relayed;
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
    against: 'bare JetStream: a message with the packets of each millisecond, three ordered consumers',
    unit: 'ms',
    atMost: 3,
    oursAtMost: 20,
    ...compared([ours.map((one) => one[of]), bare], 'p99'),
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
      what: `a replica joins ${size.machines.toLocaleString('en')} machines and ${size.registrations.toLocaleString('en')} registrations in ${CLUSTERS} clusters: from the start of its process until it listens`,
      unit: 'ms',
      value: spread(await joins(rounds, size)),
    },
  ];
}

/** Senders, modules, replicas, NATS and PostgreSQL share the cores. */
function run(options) {
  return sharingCores(() => measure(options));
}

module.exports = { run };
