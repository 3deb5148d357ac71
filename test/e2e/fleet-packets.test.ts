import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { AOR_DELETE, aorDelete, USRLOC } from '../support/fleet/payloads.js';
import { stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const UL = USRLOC;
const SYNCED = { [UL]: true };

const register = (module: string) => ({ module, protocol: 'bin', timeout: 0, auth_check: true, cluster_id: 1 });

describe('packets of a fleet', () => {
  it('come to the modules that registered for the capability, or for its name in 2.2', async () => {
    const member = await startMember(80, [{ id: 1, capabilities: SYNCED }]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('register_module', register('ul'));
    await socket.call('register_module', register(UL));
    const body = aorDelete('alice');
    member.machine(1).send(MEMBER, { capability: UL, version: 3, type: AOR_DELETE, body });
    const [first, second] = await socket.until(({ notifications }) => {
      const packets = notifications.filter(({ method }) => method === 'packet');
      return packets.length === 2 && packets;
    });
    const expected = {
      dialect: '2.4',
      cluster_id: 1,
      machine_id: 1,
      module: UL,
      packet_type: AOR_DELETE,
      version: 3,
      payload: body.toString('base64'),
    };
    expect(first?.params).toMatchObject(expected);
    expect(second?.params).toMatchObject(expected);
  });

  it('come once, and name their origin and the neighbour that brought them', async () => {
    const member = await startMember(
      81,
      [1, 2].map((id) => ({ id, capabilities: SYNCED })),
    );
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('register_module', register(UL));
    const first = member.machine(1);
    first.partition(MEMBER);
    await first.until(() => !first.links.isUp(MEMBER) && first.topology.nextHop(MEMBER) === 2);
    first.send(MEMBER, { capability: UL, version: 3, type: AOR_DELETE, body: aorDelete('alice') });
    const packet = await socket.until(({ notifications }) => notifications.find(({ method }) => method === 'packet'));
    expect(packet.params).toMatchObject({ machine_id: 1, source: expect.stringMatching(/^127\.0\.81\.2:/) });
  });

  it('say in binary frames which dialect they have', async () => {
    const member = await startMember(82, [{ id: 1, capabilities: SYNCED }]);
    await linked(member);
    const socket = await member.service.socket(['clusterer.v1.bin']);
    const frames: Buffer[] = [];
    socket.socket.on('message', (data: Buffer, isBinary: boolean) => void (isBinary && frames.push(data)));
    await socket.call('register_module', register(UL));
    member.machine(1).send(MEMBER, { capability: UL, version: 3, type: AOR_DELETE, body: aorDelete('alice') });
    const frame = await socket.until(() => frames[0]);
    expect([frame[0], frame[1]]).toEqual([1, 1]);
  });

  it('go to each machine with its own destination, and through a neighbour where the link is down', async () => {
    const member = await startMember(
      83,
      [1, 2, 3].map((id) => ({ id, capabilities: SYNCED })),
    );
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('watch', { cluster_id: 1 });
    member.machine(3).partition(MEMBER);
    await socket.until(({ notifications }) =>
      notifications.some(({ method, params }) => method === 'link' && params.machine_id === 3 && params.to !== 'up'),
    );
    const payload = aorDelete('bob').toString('base64');
    const { body } = await member.service.request('POST', '/clusters/1/packets', {
      module: 'ul',
      packet_type: AOR_DELETE,
      payload,
    });
    expect(body.results).toEqual([1, 2, 3].map((id) => ({ machine_id: id, sent: true })));
    for (const machine of member.fleet) {
      await machine.until(() => machine.packets(UL).length === 1);
      expect(machine.packets(UL)[0]).toMatchObject({ origin: MEMBER, destination: machine.id, body: aorDelete('bob') });
    }
  });

  it('go to one machine when it is named', async () => {
    const member = await startMember(
      84,
      [1, 2].map((id) => ({ id, capabilities: SYNCED })),
    );
    await linked(member);
    const { body } = await member.service.request('POST', '/clusters/1/packets', {
      module: UL,
      packet_type: AOR_DELETE,
      payload: aorDelete('bob').toString('base64'),
      machine_id: 2,
    });
    expect(body.results).toEqual([{ machine_id: 2, sent: true }]);
    await member.machine(2).until(() => member.machine(2).packets(UL).length === 1);
    expect(member.machine(1).packets(UL)).toEqual([]);
  });

  it('have the version that the release of each machine understands', async () => {
    const member = await startMember(85, [
      { id: 1, family: 'C2', capabilities: SYNCED },
      { id: 2, family: 'E', capabilities: SYNCED },
    ]);
    await linked(member);
    const { body } = await member.service.request('POST', '/clusters/1/packets', {
      module: UL,
      packet_type: AOR_DELETE,
      payload: aorDelete('bob').toString('base64'),
    });
    expect(body.results).toHaveLength(2);
    for (const [id, version] of [
      [1, 2],
      [2, 3],
    ] as const) {
      const machine = member.machine(id);
      await machine.until(() => machine.packets(UL).length === 1);
      expect(machine.packets(UL)[0]?.version).toBe(version);
    }
  });

  it('do not leave with a payload that is cut short, which could end a daemon', async () => {
    const member = await startMember(86, [{ id: 1, capabilities: SYNCED }]);
    await linked(member);
    const { status, body } = await member.service.request('POST', '/clusters/1/packets', {
      module: UL,
      packet_type: AOR_DELETE,
      payload: aorDelete('bob').subarray(0, -1).toString('base64'),
    });
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, '/payload']);
  });

  it('are refused for the modules of the fleet itself', async () => {
    const member = await startMember(87, [{ id: 1 }]);
    await linked(member);
    const { status, body } = await member.service.request('POST', '/clusters/1/packets', {
      module: 'clusterer-internal',
      packet_type: 0,
    });
    expect([status, body.code]).toEqual([400, 'module_reserved']);
  });
});
