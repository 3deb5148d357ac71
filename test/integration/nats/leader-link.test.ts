import { LeaderLink } from '../../../src/nats/leader-link.js';
import type { ReplicatedLog } from '../../../src/nats/replicated-log.js';
import { ReplicaRequests } from '../../../src/nats/requests.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { closeConnections, connectTo, silentLog, until } from '../../support/nats/connect.js';
import { NatsCable } from '../../support/nats/nats-cable.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';

jest.setTimeout(30_000);

const CALL = { part: 'loader', method: 'reload', args: [] } as const;
const SEND = { part: 'modules', method: 'sendPacket', args: [] } as const;

describeWithNats('a call to the leader', () => {
  let server: NatsServer;
  const cables: NatsCable[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterEach(async () => {
    await closeConnections();
    for (const cable of cables.splice(0)) await cable.discard();
  });
  afterAll(() => server.stop());

  /** A replica with its cable. `leading.holds` is whether it leads. */
  async function replica(name: string, leading = { holds: false }) {
    const cable = NatsCable.to(server.port);
    cables.push(cable);
    const connection = await connectTo(server, { servers: [await cable.join()] });
    const link = new LeaderLink({
      requests: new ReplicaRequests(connection.nats, 'test', silentLog),
      log: { unavailable: null, term: 1, position: 0 } as ReplicatedLog,
      clock: systemClock,
      replica: name,
      leader: () => 'leader',
      isLeading: () => leading.holds,
      reached: async () => true,
    });
    connection.onStatus((isConnected) => link.connectionChanged(isConnected));
    return { cable, link, connection };
  }

  it.each(['leader', 'caller'])(
    'fails when the connection of the %s was interrupted: its reply may be lost',
    async (whose) => {
      const leader = await replica('leader', { holds: true });
      const caller = await replica('caller');
      let calls = 0;
      leader.link.serve(() => {
        calls++;
        return new Promise(() => {});
      });
      await leader.connection.nats.flush();
      const failed = expect(caller.link.call(CALL)).rejects.toMatchObject({ code: 'leader_changed' });
      await until(() => calls === 1);
      const { cable } = whose === 'leader' ? leader : caller;
      await cable.cut();
      await cable.join();
      await failed;
    },
  );

  it('waits for a leader that has just died, unless it sends packets', async () => {
    const caller = await replica('caller');
    await expect(caller.link.call(SEND)).rejects.toMatchObject({ code: 'no_leader' });
    const reloaded = caller.link.call(CALL);
    const leader = await replica('leader', { holds: true });
    leader.link.serve(async () => Buffer.from('{"result":null}'));
    await expect(reloaded).resolves.toBeNull();
  });

  it('is not run by a replica that leads no more, however long it has waited there', async () => {
    const leading = { holds: false };
    const leader = await replica('leader', leading);
    const caller = await replica('caller');
    let calls = 0;
    leader.link.serve(async () => {
      calls++;
      return Buffer.from('{"result":null}');
    });
    await leader.connection.nats.flush();
    await expect(caller.link.call(CALL)).rejects.toMatchObject({ code: 'leader_changed' });
    expect(calls).toBe(0);
    leading.holds = true;
    await caller.link.call(CALL);
    expect(calls).toBe(1);
  });
});
