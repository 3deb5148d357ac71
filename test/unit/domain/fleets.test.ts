import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import { type FleetSettings, Fleets, NO_FLEETS } from '../../../src/domain/fleets.js';
import { Memory, type Remembered } from '../../../src/domain/memory.js';
import { fleetEffectText } from '../../support/fleet/effect-text.js';
import { descriptionOf, frameOf, fromMachine, member } from '../../support/fleet/network.js';

const OWN_ID = 9;
const NOW = { monotonicMs: 0, unixMs: 1_000_000_000 };

/** The fleets of machine 9, and all that they have decided so far. */
function start(settings: Partial<FleetSettings> = {}) {
  const fleets = new Fleets(OWN_ID, { ...NO_FLEETS, dialectOf: () => '2.4', ...settings });
  const out: FleetEffect[] = [];
  const join = (clusterId: number) => fleets.join(clusterId, descriptionOf(OWN_ID), NOW, out);
  /** Joins cluster 1, where machine 2 answers; keeps what there is to remember, as `Membership` does. */
  const meet = (now = NOW) => {
    const fleet = join(1);
    fleet.put(member(2), now, out);
    const pong = { type: 'pong', clusterId: 1, origin: 2, machineIds: [] } as const;
    fleet.received(pong, null, fromMachine(2), frameOf(pong), now, out);
    for (const effect of out) if (effect.type === 'sequence_reserved' || effect.type === 'family') fleets.keep(effect);
    return fleet;
  };
  /** What is new since the last call. */
  const news = () => out.splice(0).map(fleetEffectText);
  return { fleets, out, join, meet, news };
}

const register = ({ fleets, out }: ReturnType<typeof start>, number: number, clusterId: number, module = 'ul') =>
  fleets.registered(number, clusterId, module, NOW, out);

const announced = (lines: readonly string[]) => lines.filter((line) => line.includes('capabilities'));

function remember(given: Partial<Remembered>): ReadonlyMap<number, Remembered> {
  return new Map([[1, new Memory(given)]]);
}

describe('the fleets', () => {
  it('are one for each cluster, however often it is joined', () => {
    const { fleets, join } = start();
    expect(join(1)).toBe(join(1));
    join(7);
    expect([...fleets.all]).toEqual([fleets.of(1), fleets.of(7)]);
  });

  it('say how long the reply to a ping took, if it was in time', () => {
    const { meet, out } = start();
    const fleet = meet();
    const answered = () => out.splice(0).flatMap((effect) => (effect.type === 'ping_answered' ? [effect.ms] : []));
    expect(answered()).toEqual([0]);
    const later = (ms: number) => ({ monotonicMs: NOW.monotonicMs + ms, unixMs: NOW.unixMs + ms });
    const pong = { type: 'pong', clusterId: 1, origin: 2, machineIds: [] } as const;
    fleet.advance(later(4_000), out);
    fleet.received(pong, null, fromMachine(2), frameOf(pong), later(4_012), out);
    fleet.received(pong, null, fromMachine(2), frameOf(pong), later(4_013), out);
    expect(answered()).toEqual([12]);
  });

  it('have no deadline while there is nobody to ping, then that of the first', () => {
    const { fleets, out, join } = start();
    join(1);
    expect(fleets.nextDeadline).toBe(Number.POSITIVE_INFINITY);
    join(7).put(member(2), NOW, out);
    expect(fleets.nextDeadline).toBe(1000);
  });

  it('announce their capabilities once more when they are left, and are gone', () => {
    const started = start();
    const { fleets, meet, news } = started;
    fleets.remember(remember({ families: new Map([[2, 'E']]) }));
    register(started, 1, 1, 'dialog');
    meet();
    news();
    fleets.leave(1, NOW, started.out);
    expect(announced(news())).toEqual(['-> 2 capabilities 0@1000001 9:dialog-dlg-repl/0 path=9 (E)']);
    expect(fleets.of(1)).toBeUndefined();
  });
});

describe('the modules of registrations', () => {
  it('are capabilities of their cluster, under the names of 2.4', () => {
    const started = start();
    started.fleets.remember(remember({ families: new Map([[2, 'E']]) }));
    started.meet();
    started.news();
    register(started, 1, 7);
    register(started, 2, 1);
    started.fleets.of(1)?.advance({ monotonicMs: 20, unixMs: NOW.unixMs }, started.out);
    expect(announced(started.news()).at(-1)).toContain('9:usrloc-contact-repl/0');
  });

  it('of cluster 0 are capabilities of every cluster, also of those that are joined later', () => {
    const started = start();
    register(started, 1, 0);
    started.fleets.remember(remember({ families: new Map([[2, 'E']]) }));
    started.meet();
    started.fleets.of(1)?.advance({ monotonicMs: 20, unixMs: NOW.unixMs }, started.out);
    expect(announced(started.news()).at(-1)).toContain('9:usrloc-contact-repl/0');
  });

  it.each(['é', 'my module', ''])('are not announced under a name that no packet can have: %j', (module) => {
    const started = start();
    register(started, 1, 0);
    register(started, 2, 0, module);
    started.fleets.remember(remember({ families: new Map([[2, 'E']]) }));
    started.meet();
    started.fleets.of(1)?.advance({ monotonicMs: 20, unixMs: NOW.unixMs }, started.out);
    const names = [...(started.fleets.of(1)?.ownCapabilities ?? [])];
    expect(names).toEqual(['usrloc-contact-repl']);
    expect(announced(started.news()).at(-1)).toContain('9:usrloc-contact-repl/0 ');
    started.fleets.unregistered(2, NOW, started.out);
    expect([...(started.fleets.of(1)?.ownCapabilities ?? [])]).toEqual(names);
  });

  it('are told as long as one registration has them, whichever ends first', () => {
    const last = (...ended: readonly number[]) => {
      const started = start();
      started.fleets.remember(remember({ families: new Map([[2, 'E']]) }));
      register(started, 1, 1);
      register(started, 2, 1);
      started.meet();
      for (const number of ended) started.fleets.unregistered(number, NOW, started.out);
      started.news();
      started.fleets.leave(1, NOW, started.out);
      return announced(started.news()).join();
    };
    expect(last(1)).toContain('usrloc-contact-repl');
    expect(last(2)).toContain('usrloc-contact-repl');
    expect(last(1, 2)).not.toContain('usrloc-contact-repl');
    expect(last(1, 1)).toContain('usrloc-contact-repl');
  });
});

describe('what is remembered', () => {
  it('is where a fleet continues', () => {
    const { fleets, meet, news } = start();
    fleets.remember(remember({ sequences: new Map([['topology', 300]]) }));
    meet();
    expect(news()).toContainEqual(expect.stringMatching(/^-> 2 full_topology 301@/));
  });

  it('holds for a cluster that is left and joined again: what was reserved meanwhile counts', () => {
    const { fleets, out, meet, news } = start();
    fleets.remember(remember({ sequences: new Map([['topology', 300]]) }));
    meet();
    expect(news()).toContain('sequence_reserved topology 401');
    fleets.leave(1, NOW, out);
    news();
    meet();
    expect(news()).toContainEqual(expect.stringMatching(/^-> 2 full_topology 402@/));
  });

  it('is of one cluster only', () => {
    const { fleets, meet, news } = start();
    fleets.remember(new Map([[7, new Memory({ sequences: new Map([['topology', 300]]) })]]));
    meet();
    expect(news()).toContainEqual(expect.stringMatching(/^-> 2 full_topology 0@/));
  });
});
