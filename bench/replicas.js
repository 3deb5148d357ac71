const { performance } = require('node:perf_hooks');
const { setTimeout: delay } = require('node:timers/promises');
const { addressOf, MIXES, mixOf } = require('./support/mixes.js');
const { burstOf } = require('./support/bursts.js');
const { startScript } = require('./support/processes.js');
const { provision } = require('./support/provision.js');
const { flood, REGISTRATION, startLoad } = require('./support/relaying.js');
const { leads, startNats, startReplicas } = require('./support/replicated.js');
const { sideBySide } = require('./support/rounds.js');
const { spread } = require('./support/statistics.js');

const REPLICAS = 3;
const MIX = 'types';
const BINARY = 'clusterer.v1.bin';

/** Bytes of a message of the log. */
const MESSAGE_BYTES = 65_536;

const LATENCY_RATE = 50_000;

/** A socket may have 256. */
const REGISTRATIONS_A_SOCKET = 250;

/** Three replicas that know the machines of the mix. */
async function startRelays() {
  const replicas = await startReplicas(REPLICAS);
  const [first] = replicas.all;
  for (const [index, machineId] of mixOf(MIX).machineIds.entries()) {
    await provision(first.http, 1, { machine_id: machineId, url: `bin:${addressOf(index)}:5555` });
  }
  return replicas;
}

/** Packets a second from a machine at the first replica to a module at the same one; all three apply them. */
async function relay(count) {
  const replicas = await startRelays();
  const [first] = replicas.all;
  try {
    const load = await startLoad(first, { mix: MIX, subprotocol: BINARY });
    await flood(load, first.pid, count);
    const { value } = await flood(load, first.pid, count);
    await load.stop();
    return { value };
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

/** Milliseconds from the write of a packet to its arrival at a module, at the replica that got it and at another. */
async function latencies(seconds) {
  const replicas = await startRelays();
  const [first, second] = replicas.all;
  const at = async ({ http }) => {
    const load = await startLoad({ http, bin: first.bin }, { mix: MIX, subprotocol: BINARY });
    try {
      await load.call('paced', { perSecond: LATENCY_RATE, count: LATENCY_RATE });
      return await load.call('paced', { perSecond: LATENCY_RATE, count: LATENCY_RATE * seconds });
    } finally {
      await load.stop();
    }
  };
  try {
    return { same: await at(first), other: await at(second) };
  } finally {
    await replicas.stop();
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

/** Milliseconds from the death of the leader until another replica leads. */
async function takeover() {
  const replicas = await startReplicas(REPLICAS);
  try {
    const [leader, ...others] = replicas.all;
    if (!(await leads(leader))) throw new Error('the first replica does not lead');
    const killed = performance.now();
    process.kill(leader.pid, 'SIGKILL');
    while (!(await Promise.all(others.map(leads))).includes(true)) await delay(10);
    return performance.now() - killed;
  } finally {
    await replicas.stop();
  }
}

/** Milliseconds from the start of a process to a replica that listens. */
async function join({ machines, registrations, waitMs }) {
  const replicas = await startReplicas(1, { machines });
  const [first] = replicas.all;
  const modules = startScript('load/modules.js', 'load');
  try {
    const requests = Array.from({ length: registrations }, (_, index) => {
      return { method: 'register_module', params: { ...REGISTRATION, module: `m${index}`, auth_check: false } };
    });
    for (let from = 0; from < registrations; from += REGISTRATIONS_A_SOCKET) {
      await modules.call('open', { http: first.http, requests: requests.slice(from, from + REGISTRATIONS_A_SOCKET) });
    }
    // The next snapshot has them.
    await delay(waitMs);
    const started = performance.now();
    await replicas.add();
    return performance.now() - started;
  } finally {
    await modules.stop();
    await replicas.stop();
  }
}

async function times(rounds, measure) {
  const taken = [];
  for (let round = 0; round < rounds; round++) taken.push(await measure());
  return taken;
}

/** What a log of their own costs three replicas, and what it takes to replace one. */
async function run({ rounds, quick }) {
  const count = quick ? 50_000 : 1_000_000;
  const relayed = await sideBySide(
    rounds,
    () => relay(count),
    () => bareJetStream(count),
    { warmUp: false },
  );
  const delays = await times(rounds, () => latencies(quick ? 1 : 3));
  const modules = quick ? 30 : 1_000;
  const fanned = await sideBySide(
    rounds,
    () => fanOut(modules, quick ? 1_000 : 10_000, true),
    () => fanOut(modules, quick ? 1_000 : 10_000, false),
    { warmUp: false },
  );
  const takeovers = await times(rounds, takeover);
  const size = quick
    ? { machines: 1_000, registrations: 50, waitMs: 0 }
    : { machines: 10_000, registrations: 1_000, waitMs: 11_000 };
  const joins = await times(rounds, () => join(size));
  const rate = `${LATENCY_RATE.toLocaleString('en')} packets/s`;
  const latencyRow = (where, of) => ({
    what: `three replicas: latency from socket to socket at ${rate}, ${MIXES[MIX].what}, module at ${where}: p99`,
    unit: 'ms',
    value: spread(delays.map((one) => one[of].p99)),
    atMost: 20,
  });
  return [
    {
      what: `three replicas: BIN in, \`${BINARY}\` out at the same replica: ${MIXES[MIX].what}`,
      against: 'bare JetStream: the same bytes in messages of 64 KiB, three ordered consumers',
      unit: 'packets/s',
      atLeast: 0.6,
      ...relayed,
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
      value: spread(takeovers),
      atMost: 5_000,
    },
    {
      what: `a replica joins ${size.machines.toLocaleString('en')} machines and ${size.registrations.toLocaleString('en')} registrations: from the start of its process until it listens`,
      unit: 'ms',
      value: spread(joins),
    },
  ];
}

module.exports = { run };
