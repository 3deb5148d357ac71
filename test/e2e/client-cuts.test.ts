import fc from 'fast-check';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { Cable } from '../support/peers/cable.js';
import { closeClientsAfterEach, connectClient, RecordingModule } from '../support/peers/client.js';
import { eventually } from '../support/service/eventually.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

jest.setTimeout(120_000);
closeClientsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', timeout: 0, authCheck: false, clusterId: 0 };

type Step =
  | { readonly type: 'packets' | 'lose'; readonly count: number }
  | { readonly type: 'cut' | 'catch up' | 'turn' };

/** What happens next: packets come, the connection is cut, the module catches up, the event loop turns once. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('packets' as const), count: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('catch up' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('turn' as const) }) },
);

/** More packets come without a connection than are kept. */
const LOSES_SOME: Step[] = [{ type: 'lose', count: 320 }, { type: 'catch up' }];

/** What the only registration has received. */
async function receivedBy(service: TestService): Promise<number> {
  return (await service.request('GET', '/modules')).body.modules[0].packets;
}

/** Nothing comes twice, and nothing is missing without a gap. */
function expectNoLoss(module: RecordingModule): void {
  let last = 0;
  for (const { name, seq } of module.all) {
    if (name !== 'gap') expect(seq).toBe(last + 1);
    last = seq ?? 0;
  }
}

test.each(['clusterer.v1', 'clusterer.v1.bin'] as const)(
  'however connections are cut, a module on %s gets everything once, or a gap',
  async (subprotocol) => {
    // Little is kept, so that some resumes fail.
    const service = await startService({ CLUSTERER_REPLAY_BYTES: '20000', CLUSTERER_LOG_LEVEL: 'warn' });
    let gaps = 0;
    let resumes = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      const cable = new Cable(service.httpUrl);
      const url = await cable.join();
      let connections = 0;
      const client = await connectClient(url, { subprotocol, onConnection: () => connections++ });
      const module = new RecordingModule();
      const registration = await client.registerModule(UL, module.handlers);
      const peer = await connectPeer(service);
      let mark = 1000;
      // The packet that marks the end may be lost, too: then a gap comes, and it is sent again.
      const caughtUp = async () => {
        const heard = () => module.packets.some(({ packet_type }) => packet_type === mark);
        do {
          const before = module.gaps.length;
          peer.write(packetBytes({ packetType: ++mark }));
          await module.until(() => heard() || module.gaps.length > before);
        } while (!heard());
      };
      for (const one of steps) {
        if (one.type === 'lose') {
          const wanted = (await receivedBy(service)) + one.count;
          await cable.cut();
          for (let i = 0; i < one.count; i++) peer.write(packetBytes({ payload: Buffer.alloc(200) }));
          await eventually(async () => (await receivedBy(service)) >= wanted);
          await cable.join();
        } else if (one.type === 'packets') {
          for (let i = 0; i < one.count; i++) peer.write(packetBytes({ payload: Buffer.alloc(200) }));
        } else if (one.type === 'cut') {
          await cable.cut();
          await cable.join();
        } else if (one.type === 'catch up') {
          await caughtUp();
        } else {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      await caughtUp();
      expectNoLoss(module);
      gaps += module.gaps.length;
      resumes += (connections - 1) / 2;
      await registration.unregister();
      await client.close();
      peer.destroy();
      await cable.cut();
    });
    await fc.assert(property, { numRuns: 15, examples: [[LOSES_SOME]] });
    // There were many cuts, with both outcomes.
    expect(resumes).toBeGreaterThan(10);
    expect(gaps).toBeGreaterThan(0);
    expect(gaps).toBeLessThan(resumes);
  },
);
