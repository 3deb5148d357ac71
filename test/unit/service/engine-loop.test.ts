import { Engine } from '../../../src/domain/engine.js';
import { EngineLoop } from '../../../src/service/engine-loop.js';
import { FakeClock } from '../../support/engine/fake-clock.js';
import { loadedMachine } from '../../support/tables/rows.js';

const MACHINES = 100;
const TIMEOUT_MS = 1_000;

/** A module that watches a hundred machines, and is told of each silence as if that took so many milliseconds. */
function watching(eachMs: number) {
  const clock = new FakeClock();
  const told: number[] = [];
  const loop = new EngineLoop(new Engine(0), clock, (effect) => {
    if (effect.type !== 'notify' || effect.notification.type !== 'timeout') return;
    told.push(effect.notification.machineId);
    clock.spend(eachMs);
  });
  const machines = Array.from({ length: MACHINES }, (_, i) => loadedMachine({ machineId: i + 1 }));
  loop.apply({ type: 'load', machines, keepChanged: false });
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: TIMEOUT_MS, authCheck: true };
  loop.apply({ type: 'register', number: 1, request });
  return { clock, told };
}

describe('deadlines that fall due together', () => {
  it('all take their turn at once where that takes no time', () => {
    const { clock, told } = watching(0);
    clock.advance(TIMEOUT_MS + 1);
    expect(new Set(told).size).toBe(MACHINES);
  });

  it('let the event loop have its turn between them where it does, and none is forgotten', () => {
    const { clock, told } = watching(1);
    clock.advance(TIMEOUT_MS + 1);
    const first = told.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(MACHINES / 2);
    let turns = 1;
    for (; told.length < MACHINES && turns <= MACHINES; turns++) clock.advance(0);
    expect(turns).toBeGreaterThan(2);
    expect([...told].sort((a, b) => a - b)).toEqual(Array.from({ length: MACHINES }, (_, i) => i + 1));
  });
});

describe('an effect', () => {
  const MACHINE = loadedMachine({ machineId: 1 });
  const SET_DOWN = { type: 'set_status', clusterId: 1, machineId: 1, status: 'down', cause: 'operator' } as const;
  const REFUSED = 'The engine was asked for set_status while the effects of a command are performed.';

  it('does not lead back to the engine, whose state would change between the effects of one command', () => {
    let onEffect = (): void => {};
    const loop = new EngineLoop(new Engine(0), new FakeClock(), () => onEffect());
    onEffect = () => void loop.apply(SET_DOWN);
    expect(() => loop.apply({ type: 'load', machines: [MACHINE], keepChanged: false })).toThrow(REFUSED);
    onEffect = () => {};
    expect(loop.apply(SET_DOWN).map(({ type }) => type)).toContain('node_state');
  });

  it('of a deadline does not either', () => {
    const clock = new FakeClock();
    let onTimeout = (): void => {};
    const loop = new EngineLoop(new Engine(0), clock, ({ type }) => type === 'reception' && onTimeout());
    loop.apply({ type: 'load', machines: [MACHINE], keepChanged: false });
    const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: TIMEOUT_MS, authCheck: true };
    loop.apply({ type: 'register', number: 1, request });
    onTimeout = () => void loop.apply(SET_DOWN);
    expect(() => clock.advance(TIMEOUT_MS + 1)).toThrow(REFUSED);
  });
});
