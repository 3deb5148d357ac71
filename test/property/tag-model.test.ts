import fc from 'fast-check';
import { SERVICE, TagWorld } from '../support/fleet/tag-world.js';

type Act =
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'crash'; readonly id: number }
  | { readonly type: 'start'; readonly id: number }
  | { readonly type: 'restart_service' }
  /** Machines of one side do not reach the other; the service is on either. */
  | { readonly type: 'split'; readonly side: readonly number[] }
  | { readonly type: 'heal' }
  | { readonly type: 'set'; readonly owner: number; readonly failover: readonly number[]; readonly afterMs: number }
  | { readonly type: 'activate'; readonly id: number };

const anyMachine = fc.integer({ min: 1, max: 5 });
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 30_000 }) }) },
  fc.record({ type: fc.constant('crash' as const), id: anyMachine }),
  fc.record({ type: fc.constant('start' as const), id: anyMachine }),
  fc.record({ type: fc.constant('restart_service' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('split' as const),
      side: fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 5, SERVICE), { maxLength: 5 }),
    }),
  },
  fc.record({ type: fc.constant('heal' as const) }),
  fc.record({
    type: fc.constant('set' as const),
    owner: anyMachine,
    failover: fc.uniqueArray(anyMachine, { maxLength: 4 }),
    afterMs: fc.integer({ min: 1_000, max: 20_000 }),
  }),
  fc.record({ type: fc.constant('activate' as const), id: anyMachine }),
);
const anyActs = fc.array(anyAct, { minLength: 5, maxLength: 30 });
const anyFailover = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 2 });

/** Plays the acts on a world in which all links are up, and machine 1 owns the tag. */
function play(failover: readonly number[], acts: readonly Act[], failedOver: (world: TagWorld, from: number) => void) {
  const world = new TagWorld();
  world.run(10_000);
  world.set(1, failover, 2_000);
  world.run(5_000);
  let owner = world.owner;
  const watch = (ms: number) => {
    // Failovers happen while time passes.
    for (let left = ms; left > 0; left -= 10) {
      world.run(Math.min(left, 10));
      if (world.owner !== owner && owner !== null) failedOver(world, owner);
      owner = world.owner;
    }
  };
  for (const act of acts) {
    switch (act.type) {
      case 'pass':
        watch(act.ms);
        break;
      case 'crash':
        world.crash(act.id);
        break;
      case 'start':
        if (!world.runs(act.id)) world.start(act.id);
        break;
      case 'restart_service':
        world.crash(SERVICE);
        watch(1_000);
        world.start(SERVICE);
        break;
      case 'split':
        world.split(new Map(act.side.map((id) => [id, 1])));
        break;
      case 'heal':
        world.split(new Map());
        break;
      case 'set':
        world.set(act.owner, act.failover, act.afterMs);
        owner = world.owner;
        break;
      case 'activate':
        world.activate(act.id);
        break;
    }
    watch(10);
  }
  return world;
}

/** Two splits in a row: the service has the announcements of machines that it does not reach any more. */
const FRESH_SPLIT: [number[], Act[]] = [
  [5, 2],
  [
    { type: 'split', side: [SERVICE, 2, 3] },
    { type: 'crash', id: 2 },
    { type: 'start', id: 2 },
    { type: 'restart_service' },
    { type: 'split', side: [2, 1] },
    { type: 'start', id: 1 },
    { type: 'pass', ms: 4_940 },
    { type: 'crash', id: 1 },
  ],
];

describe('a managed tag, with machines that crash, restart, and are split from each other', () => {
  it('never moves by itself while most other machines see its owner', () => {
    let moves = 0;
    fc.assert(
      fc.property(anyFailover, anyActs, (failover, acts) => {
        play(failover, acts, (world, from) => {
          moves++;
          const others = world.machines.filter((id) => id !== from);
          const seeing = others.filter((id) => world.sees(id, from));
          expect(seeing.length).toBeLessThanOrEqual(others.length / 2);
        });
      }),
      { numRuns: 100, examples: [FRESH_SPLIT] },
    );
    expect(moves).toBeGreaterThan(0);
  });

  it('is active on its owner alone, within 3 s after all links are up', () => {
    fc.assert(
      fc.property(anyFailover, anyActs, (failover, acts) => {
        const world = play(failover, acts, () => {});
        world.split(new Map());
        for (const id of world.machines) if (!world.runs(id)) world.start(id);
        for (let waited = 0; !world.isWhole && waited < 200_000; waited += 100) world.run(100);
        expect(world.isWhole).toBe(true);
        world.run(3_000);
        expect([...world.active]).toEqual([world.owner]);
      }),
      { numRuns: 50 },
    );
  });
});
