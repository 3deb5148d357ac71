import fc from 'fast-check';
import { type Faults, LossyNetwork } from '../support/fleet/lossy-network.js';
import { NaiveFleets } from '../support/fleet/naive-fleet.js';
import type { ModulePacket } from '../support/fleet/network.js';

/** How long until every link is up after the worst: a machine that is down is asked again after 60 s. */
const RECOVERY_MS = 70_000;

type Act =
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'restart'; readonly id: number; readonly downMs: number; readonly keepsMemory: boolean }
  /** Nothing passes between the two of each pair: others may reach both. */
  | { readonly type: 'cut'; readonly pairs: readonly (readonly [number, number])[] }
  /** Every machine sends a packet to every other. */
  | { readonly type: 'send' }
  | { readonly type: 'send_failed'; readonly from: number; readonly to: number }
  | { readonly type: 'register'; readonly id: number; readonly name: string };

const anyId = fc.integer({ min: 1, max: 5 });
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  // Longer than a copy of a flood can be under way.
  fc.record({
    type: fc.constant('restart' as const),
    id: anyId,
    downMs: fc.integer({ min: 2_000, max: 10_000 }),
    keepsMemory: fc.boolean(),
  }),
  fc.record({ type: fc.constant('cut' as const), pairs: fc.array(fc.tuple(anyId, anyId), { maxLength: 6 }) }),
  fc.record({ type: fc.constant('send' as const) }),
  fc.record({ type: fc.constant('send_failed' as const), from: anyId, to: anyId }),
  fc.record({
    type: fc.constant('register' as const),
    id: anyId,
    name: fc.constantFrom('usrloc', 'dialog', 'presence'),
  }),
);

/** Chances from 0 to 1, the same for the same seed. */
function chances(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

const anyFleets = {
  size: fc.integer({ min: 3, max: 5 }),
  seed: fc.integer(),
  faults: fc.record({
    loss: fc.constantFrom(0, 0.05, 0.3),
    duplication: fc.constantFrom(0, 0.2),
    longestDelay: fc.constantFrom(1, 50, 300),
  }),
  acts: fc.array(anyAct, { maxLength: 25 }),
};

type Run = [size: number, seed: number, faults: Faults, acts: Act[]];

/** Runs that failed once. */
const FAILED: Run[] = [
  // The numbers of machine 3 after its zeros had earlier timestamps than these.
  [
    5,
    -827_240_003,
    { loss: 0.3, duplication: 0, longestDelay: 300 },
    [
      { type: 'pass', ms: 14_863 },
      { type: 'restart', id: 1, downMs: 6_424, keepsMemory: false },
      { type: 'pass', ms: 10_481 },
      { type: 'register', id: 4, name: 'usrloc' },
      { type: 'send_failed', from: 3, to: 2 },
      { type: 'pass', ms: 18_189 },
      { type: 'pass', ms: 11_976 },
      { type: 'cut', pairs: [] },
    ],
  ],
  // The zeros of machine 2 had later timestamps than the numbers of its next life.
  [
    5,
    -2_147_483_645,
    { loss: 0.3, duplication: 0.2, longestDelay: 300 },
    [
      { type: 'pass', ms: 17_115 },
      { type: 'pass', ms: 146 },
      { type: 'restart', id: 2, downMs: 2_064, keepsMemory: true },
      { type: 'send_failed', from: 1, to: 4 },
      { type: 'restart', id: 1, downMs: 2_000, keepsMemory: false },
    ],
  ],
  // Two lives of machine 4 use the same zeros.
  [
    4,
    0,
    { loss: 0, duplication: 0, longestDelay: 1 },
    [
      { type: 'restart', id: 4, downMs: 3_000, keepsMemory: false },
      { type: 'restart', id: 4, downMs: 2_000, keepsMemory: true },
      { type: 'restart', id: 4, downMs: 2_000, keepsMemory: false },
    ],
  ],
];

/** Plays the acts, checks every machine after each, and returns the network and what was seen. */
function play(...[size, seed, faults, acts]: Run) {
  const seen = new NaiveFleets();
  const network = new LossyNetwork(size, chances(seed), faults, seen);
  let sent = 0;
  for (const act of acts) {
    switch (act.type) {
      case 'pass':
        network.run(act.ms);
        break;
      case 'restart':
        if (act.id > size) break;
        network.crash(act.id, act.keepsMemory);
        network.run(act.downMs);
        network.start(act.id);
        break;
      case 'cut':
        network.cut(act.pairs);
        break;
      case 'send':
        for (const from of network.fleets.keys()) {
          for (const to of network.fleets.keys()) send(network, from, to, `packet ${++sent}`);
        }
        network.flush();
        break;
      case 'send_failed':
        if (act.from > size) break;
        network.act(act.from, (fleet, now, out) => fleet.sendFailed(act.to, now, out));
        break;
      case 'register':
        if (act.id > size) break;
        network.act(act.id, (fleet, now, out) => fleet.addCapability(act.name, now, out));
        break;
    }
    network.run(10);
    for (const [id, fleet] of network.fleets) seen.check(id, fleet);
  }
  return { network, seen };
}

/** A packet of a module goes to the next hop, as a packet that a module here sends does. */
function send({ fleets, network }: LossyNetwork, from: number, to: number, name: string): void {
  const nextHop = fleets.get(from)?.peers.of(to)?.nextHop ?? null;
  if (nextHop === null) return;
  const content: ModulePacket = { type: 'packet', clusterId: 1, origin: from, destination: to, name };
  network.underWay.push({ from, to: nextHop, content, family: null });
}

describe('fleets in a network that loses, doubles and reorders', () => {
  it('keep one state per link, take no flood twice, deliver no packet twice, and route as a naive search does', () => {
    fc.assert(
      fc.property(anyFleets.size, anyFleets.seed, anyFleets.faults, anyFleets.acts, (size, seed, faults, acts) => {
        const { seen } = play(size, seed, faults, acts);
        expect(new Set(seen.packets).size).toBe(seen.packets.length);
      }),
      { numRuns: 150, examples: FAILED },
    );
  });

  it('see each other again when it is whole, and then send nothing but pings', () => {
    fc.assert(
      fc.property(anyFleets.size, anyFleets.seed, anyFleets.faults, anyFleets.acts, (size, seed, faults, acts) => {
        const { network, seen } = play(size, seed, faults, acts);
        network.heal();
        network.run(RECOVERY_MS);
        for (const [id, fleet] of network.fleets) {
          for (const { machineId, link, nextHop, isTempDisabled } of fleet.peers.all) {
            const told = { id, machineId, state: link.state, nextHop, isTempDisabled };
            expect(told).toEqual({ id, machineId, state: 'up', nextHop: machineId, isTempDisabled: false });
          }
        }
        const { floods } = seen;
        network.run(RECOVERY_MS);
        expect(seen.floods).toBe(floods);
      }),
      { numRuns: 100, examples: FAILED },
    );
  });
});
