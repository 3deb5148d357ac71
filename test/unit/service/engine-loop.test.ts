import type { Effect } from '../../../src/domain/effects.js';
import { Engine } from '../../../src/domain/engine.js';
import { EngineLoop } from '../../../src/service/engine-loop.js';
import { FakeClock } from '../../support/engine/fake-clock.js';
import { loadedMachine } from '../../support/tables/rows.js';

const MACHINES = 100;
const TIMEOUT_MS = 1_000;

/** A hundred machines and one registration. Each timeout notification takes `eachMs` milliseconds. */
function hundredMachines(eachMs: number) {
  const clock = new FakeClock();
  const notified: number[] = [];
  const loop = new EngineLoop(new Engine(0), clock, (effect) => {
    if (effect.type !== 'notify' || effect.notification.type !== 'timeout') return;
    notified.push(effect.notification.machineId);
    clock.spend(eachMs);
  });
  const machines = Array.from({ length: MACHINES }, (_, i) => loadedMachine({ machineId: i + 1 }));
  loop.apply({ type: 'load', machines, keepChanged: false });
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: TIMEOUT_MS, authCheck: true };
  loop.apply({ type: 'register', number: 1, request });
  return { clock, notified };
}

describe('deadlines that are due together', () => {
  it('fire at once if that takes no time', () => {
    const { clock, notified } = hundredMachines(0);
    clock.advance(TIMEOUT_MS + 1);
    expect(new Set(notified).size).toBe(MACHINES);
  });

  it('let the event loop run in between if it does, and all fire', () => {
    const { clock, notified } = hundredMachines(1);
    clock.advance(TIMEOUT_MS + 1);
    const first = notified.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(MACHINES / 2);
    let rounds = 1;
    for (; notified.length < MACHINES && rounds <= MACHINES; rounds++) clock.advance(0);
    expect(rounds).toBeGreaterThan(2);
    expect([...notified].sort((a, b) => a - b)).toEqual(Array.from({ length: MACHINES }, (_, i) => i + 1));
  });
});

describe('an effect', () => {
  const MACHINE = loadedMachine({ machineId: 1 });
  const SET_DOWN = { type: 'set_status', clusterId: 1, machineId: 1, status: 'down', cause: 'operator' } as const;
  const REFUSED = 'The engine was called (set_status) while it performed the effects of a command.';

  it('must not call the engine: its state would change between the effects of one command', () => {
    let onEffect = (_: Effect): unknown => undefined;
    const loop = new EngineLoop(new Engine(0), new FakeClock(), (effect) => onEffect(effect));
    onEffect = () => void loop.apply(SET_DOWN);
    expect(() => loop.apply({ type: 'load', machines: [MACHINE], keepChanged: false })).toThrow(REFUSED);
    const types: string[] = [];
    onEffect = ({ type }) => types.push(type);
    expect(loop.apply(SET_DOWN)).toBeNull();
    expect(types).toContain('node_state');
  });

  it('of a deadline must not either', () => {
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
