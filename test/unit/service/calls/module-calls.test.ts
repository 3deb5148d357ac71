import { Engine } from '../../../../src/domain/engine.js';
import { NO_FLEETS } from '../../../../src/domain/fleets.js';
import { ModuleCalls } from '../../../../src/service/calls/module-calls.js';
import { SendCalls } from '../../../../src/service/calls/send-calls.js';
import { RegistrationCalls } from '../../../../src/service/delivery/registration-calls.js';
import { Registrations } from '../../../../src/service/delivery/registrations.js';
import { EngineLoop } from '../../../../src/service/engine-loop.js';
import { Statistics } from '../../../../src/service/events/statistics.js';
import { ALONE } from '../../../../src/service/leadership.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { fleetMachine, OWN_ID } from '../../../support/engine/fleet-engine.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const quiet = () => undefined;
const LOG = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const SUBSCRIBER = { isClosed: false, appended: quiet, follow: quiet, unfollow: quiet, replaced: quiet };
const CALLER = { name: 'tester', role: 'operate' } as const;

/** A member of cluster 1, which is a fleet, and of cluster 2 of dialect 2.2. */
function start() {
  const clock = new FakeClock();
  const engine = new Engine(OWN_ID, { ...NO_FLEETS, dialectOf: (clusterId) => (clusterId === 1 ? '2.4' : '2.2') });
  const loop = new EngineLoop(engine, clock, quiet);
  const rows = [fleetMachine({ machineId: OWN_ID }), loadedMachine({ clusterId: 2, machineId: OWN_ID })];
  loop.apply({ type: 'load', machines: rows, keepChanged: false });
  const limits = { replayBytes: 1e4, replayTotalBytes: 1e5, replaySeconds: 30 };
  const parts = { clock, log: LOG, leadership: ALONE };
  const registrations = new Registrations(loop, parts, limits, quiet, quiet);
  const sender = { send: quiet, disconnect: quiet, close: async () => undefined };
  const options = { decode: true, serverId: OWN_ID };
  const sending = new SendCalls(loop, { sender, clock, log: LOG }, options, new Statistics());
  const calls = new ModuleCalls(loop, new RegistrationCalls(loop, registrations, 10, 'epoch'), sending, options);
  return (module: string, clusterId: number) => {
    const request = { module, protocol: 'bin', clusterId, timeoutMs: 0, authCheck: false };
    return calls.register(request, CALLER, SUBSCRIBER);
  };
}

describe('a registration', () => {
  it.each(['é', 'my module'])('of a fleet for a name that no packet of it can have is refused: %j', async (module) => {
    await expect(start()(module, 1)).rejects.toMatchObject({
      code: 'invalid_input',
      extra: { errors: [{ pointer: '/module', detail: expect.stringContaining('printable ASCII') }] },
    });
  });

  it.each([0, 2])(
    'for such a name is accepted for cluster %j (0: all), because cluster 2 is no fleet',
    async (clusterId) => {
      await expect(start()('my module', clusterId)).resolves.toHaveProperty('log');
    },
  );

  it.each([0, 1])('for a name of the fleet itself is refused for cluster %j', async (clusterId) => {
    await expect(start()('clusterer-mine', clusterId)).rejects.toMatchObject({ code: 'module_reserved' });
  });
});
