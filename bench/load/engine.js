/** The engine alone, in a process of its own: every packet is for one of many pairs of registration and machine that are watched. */
const { performance } = require('node:perf_hooks');
const { answerCalls } = require('../support/calls.js');
const packets = require('../support/packets.js');
const { Engine } = require('../../dist/domain/engine.js');
const { V22 } = require('../../dist/wire/dialects/v22.js');

const MACHINES = 1_000;
const SOURCE = { ip: '10.0.0.1', port: 40_000 };
const TIMEOUT_MS = 3_600_000;

let engine;
let pairs;
let now = { monotonicMs: 1_000, unixMs: 1_700_000_000_000 };
let moduleNames;
/** Every pair once: the machines of each registration in turn, or in an order that no cache can foresee. */
let orders;
const frame = packets.packet('module0', 200);

/** Makes the names and orders of so many pairs, a multiple of the machines. */
function prepare(count) {
  moduleNames = Array.from({ length: count / MACHINES }, (_, i) => `module${i}`);
  orders = {
    turn: Uint32Array.from({ length: count }, (_, i) => i),
    random: Uint32Array.from({ length: count }, (_, i) => (i * 611_953) % count),
  };
}

function machineRow(machineId) {
  return {
    clustererId: machineId,
    clusterId: 1,
    machineId,
    url: `bin:${SOURCE.ip}:5555`,
    protocol: 'bin',
    host: SOURCE.ip,
    port: 5555,
    ip: SOURCE.ip,
    ips: [SOURCE.ip],
    description: null,
    failedAttempts: 3,
    durationMs: 30_000,
    state: 'up',
    noTries: 0,
    lastAttempt: 0,
    drain: null,
  };
}

/** What both loops get, as the parser makes it: a run of one packet of this pair, made once, so that neither loop makes any. */
const run = {
  dialect: V22,
  head: { ...V22.decode(frame) },
  count: 1,
  pieces: [frame],
  protocol: 'bin',
  source: SOURCE,
};

function runOf(pair) {
  const registration = Math.floor(pair / MACHINES);
  run.head.module = moduleNames[registration];
  run.head.machineId = (pair % MACHINES) + 1;
  return run;
}

/** Seconds for so many packets; the clock goes on by a millisecond with every thousand. */
function loop({ count, order }, receive) {
  const pairsInOrder = orders[order];
  const { length } = pairsInOrder;
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    if (i % 1_000 === 0) now = { monotonicMs: now.monotonicMs + 1, unixMs: now.unixMs + 1 };
    receive(pairsInOrder[i % length]);
  }
  return (performance.now() - started) / 1000;
}

answerCalls({
  prepareEngine: (count) => {
    prepare(count);
    engine = new Engine(0);
    const machines = Array.from({ length: MACHINES }, (_, i) => machineRow(i + 1));
    engine.apply({ type: 'load', machines, keepChanged: false }, now, []);
    for (const [i, module] of moduleNames.entries()) {
      const request = { module, protocol: 'bin', clusterId: 1, timeoutMs: TIMEOUT_MS, authCheck: true };
      engine.apply({ type: 'register', number: i + 1, request }, now, []);
    }
  },
  prepareMap: (count) => {
    prepare(count);
    pairs = new Map();
    for (let pair = 0; pair < count; pair++) pairs.set(pair, { lastPacketAt: 0 });
  },
  engine: (options) => {
    let notified = 0;
    const seconds = loop(options, (pair) => {
      const effects = [];
      engine.apply({ type: 'receive', run: runOf(pair) }, now, effects);
      notified += effects.length;
    });
    if (notified !== options.count) throw new Error(`${notified} of ${options.count} packets were delivered`);
    return seconds;
  },
  map: (options) => {
    let found = 0;
    const seconds = loop(options, (pair) => {
      const { machineId } = runOf(pair).head;
      const entry = pairs.get(machineId - 1 + Math.floor(pair / MACHINES) * MACHINES);
      if (entry === undefined) return;
      entry.lastPacketAt = now.monotonicMs;
      found++;
    });
    if (found !== options.count) throw new Error(`${found} of ${options.count} pairs were found`);
    return seconds;
  },
});
