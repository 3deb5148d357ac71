/** Machines of a cluster of dialect 2.4 that ping the service and answer its pings. */
const { once } = require('node:events');
const { connect, createServer } = require('node:net');
const { performance } = require('node:perf_hooks');
const { setTimeout: delay } = require('node:timers/promises');
const { FrameSplitter, frameOf, INTERNAL, packetOf, Reader, Writer } = require('../../test/support/fleet/wire.js');
const { answerCalls } = require('../support/calls.js');
const { percentile } = require('../support/statistics.js');

const PING = 0;
const PONG = 1;
const CAPABILITIES = 9;

const machines = new Map();

function message(clusterId, machineId, type, ...ints) {
  return frameOf({ capability: INTERNAL, type, body: new Writer().int(clusterId, machineId, ...ints).bytes });
}

/** As a daemon does, it tells its capabilities when its link comes up; without them the service would ask for them. */
function answer({ clusterId, machineId, stream, hasTold }) {
  stream?.write(message(clusterId, machineId, PONG, 0));
  if (hasTold) return;
  machines.get(machineId).hasTold = true;
  const body = new Writer().int(clusterId, machineId, 0, Math.floor(Date.now() / 1000), 1, machineId, 1);
  body.text('usrloc-contact-repl').int(0, 0, 1, machineId);
  stream?.write(frameOf({ capability: INTERNAL, type: CAPABILITIES, body: body.bytes }));
}

/** Where the service answers: a machine gets replies at its own url. */
async function listen({ clusterId, machineId, host, bin }) {
  const machine = { clusterId, machineId, hasTold: false, pingedAt: null, times: [], answered: () => {}, stream: null };
  const take = (frame) => {
    const { capability, type, body } = packetOf(frame);
    if (capability !== INTERNAL || new Reader(body).int() !== clusterId) return;
    if (type === PING) answer(machine);
    if (type === PONG && machine.pingedAt !== null) {
      machine.times.push(performance.now() - machine.pingedAt);
      machine.pingedAt = null;
      machine.answered();
    }
  };
  const server = createServer((socket) => {
    const splitter = new FrameSplitter();
    socket.on('data', (chunk) => splitter.push(chunk).forEach(take));
    socket.on('error', () => {});
  }).listen(0, host);
  await once(server, 'listening');
  const [serviceHost, port] = bin.split(':');
  machine.stream = connect({ host: serviceHost, port: Number(port), localAddress: host, noDelay: true });
  await once(machine.stream, 'connect');
  machines.set(machineId, machine);
  return `bin:${host}:${server.address().port}`;
}

answerCalls({
  /** A machine at this address. Returns its url. */
  listen,
  /** Pings as that machine for so many seconds, `everyMs` after each reply. Returns milliseconds from each ping to its reply. */
  ping: async ({ machineId, seconds, everyMs }) => {
    const machine = machines.get(machineId);
    machine.times = [];
    const end = performance.now() + seconds * 1_000;
    while (performance.now() < end) {
      machine.pingedAt = performance.now();
      const answered = new Promise((resolve) => {
        machine.answered = resolve;
      });
      machine.stream.write(message(machine.clusterId, machineId, PING, 0));
      await answered;
      await delay(everyMs);
    }
    const { times } = machine;
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), count: times.length };
  },
});
