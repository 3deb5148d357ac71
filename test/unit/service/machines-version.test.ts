import { Engine } from '../../../src/domain/engine.js';
import { NO_FLEETS } from '../../../src/domain/fleets.js';
import { EngineLoop } from '../../../src/service/engine-loop.js';
import type { ClusterMessage } from '../../../src/wire/cluster/messages.js';
import { FakeClock } from '../../support/engine/fake-clock.js';
import { loadedMachine } from '../../support/tables/rows.js';

const OWN = 9;
const FLEET = { fleet: { priority: 50, sipAddress: null }, keepsAttempts: false };

/** A fleet of this service and machine 2. `changed` is true when the input raised the version of the machines. */
function fleetOfTwo() {
  const clock = new FakeClock();
  const loop = new EngineLoop(new Engine(OWN, { ...NO_FLEETS, dialectOf: () => '2.4' }), clock, () => {});
  const machines = [OWN, 2].map((machineId) => loadedMachine({ machineId, ...FLEET }));
  loop.apply({ type: 'load', machines, keepChanged: false });
  loop.apply({ type: 'begin_fleets', remembered: new Map() });
  const changed = (input: () => void) => {
    const before = loop.machinesVersion;
    input();
    return loop.machinesVersion > before;
  };
  const hear = (message: ClusterMessage) => {
    const from = { ip: '10.0.1.2', connection: 1, url: null };
    return changed(() => loop.apply({ type: 'hear', message, family: null, from, frame: Buffer.alloc(0) }));
  };
  return { hear, wait: (ms: number) => changed(() => clock.advance(ms)) };
}

const PING = { type: 'ping', clusterId: 1, origin: 2, wantsIds: false } as const;
const PONG = { type: 'pong', clusterId: 1, origin: 2, machineIds: [] } as const;

describe('the version of the machines', () => {
  it('rises when a link comes up, and not with the pings over it', () => {
    const { hear, wait } = fleetOfTwo();
    expect(hear(PONG)).toBe(true);
    expect(hear(PING)).toBe(false);
    expect(wait(NO_FLEETS.pingIntervalMs)).toBe(false);
    expect(hear(PONG)).toBe(false);
  });

  it('rises with each ping that stays unanswered, since its machine shows it', () => {
    const { hear, wait } = fleetOfTwo();
    hear(PONG);
    wait(NO_FLEETS.pingIntervalMs);
    expect(wait(NO_FLEETS.pingTimeoutMs)).toBe(true);
    expect(wait(NO_FLEETS.pingTimeoutMs)).toBe(true);
  });

  it('does not rise with what is dropped', () => {
    const { hear } = fleetOfTwo();
    expect(hear({ ...PING, origin: OWN })).toBe(false);
  });
});
