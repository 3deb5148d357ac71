import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { AOR_DELETE, AOR_INSERT, aorDelete, aorInsert, USRLOC } from '../support/fleet/payloads.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1, decode: true };
const AORS = ['alice', 'bob'];

/** The payload of `aor_delete` in dialect 2.2. */
function aor22(name: string): Buffer {
  return Buffer.concat(
    ['location', name].flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, Buffer.from(text)];
    }),
  );
}

/** What is decoded of the first packets, once there are so many. */
function packets(socket: SocketClient, count = 1): Promise<Record<string, unknown>[]> {
  return socket.until(({ notifications }) => {
    const found = notifications.filter(({ method }) => method === 'packet').map(({ params }) => params);
    return found.length >= count && found;
  });
}

describe('a registration with decode', () => {
  it('gets packets of 2.2 with their payload, their name and their fields', async () => {
    const service = await startService();
    const socket = await service.socket();
    await socket.call('register_module', UL);
    (await connectPeer(service)).write(packetBytes({ packetType: 2, payload: aor22('alice') }));
    const [packet] = await packets(socket);
    expect(packet).toMatchObject({
      payload: aor22('alice').toString('base64'),
      decoded: { name: 'aor_delete', fields: { domain: 'location', aor: 'alice' } },
    });
    expect(packet).not.toHaveProperty('decode_fault');
  });

  it('gets packets that fit no layout all the same, with the reason', async () => {
    const service = await startService();
    const socket = await service.socket();
    await socket.call('register_module', UL);
    const peer = await connectPeer(service);
    peer.write(packetBytes({ packetType: 2, payload: 'short' }));
    peer.write(packetBytes({ packetType: 77, payload: 'other' }));
    expect(await packets(socket, 2)).toMatchObject([
      { decoded: null, decode_fault: expect.stringMatching(/ at byte 0\b/), payload: 'c2hvcnQ=' },
      { decoded: null, decode_fault: 'no layout for packets of ul of type 77, version 1', payload: 'b3RoZXI=' },
    ]);
  });

  it('is beside one without, which gets the payload only', async () => {
    const service = await startService();
    const socket = await service.socket();
    const { registration } = await socket.call('register_module', { ...UL, decode: false });
    await socket.call('register_module', UL);
    await socket.call('register_module', UL);
    (await connectPeer(service)).write(packetBytes({ packetType: 2, payload: aor22('alice') }));
    const all = await packets(socket, 3);
    const plain = all.find((packet) => packet.registration === registration);
    expect(plain).toMatchObject({ payload: aor22('alice').toString('base64') });
    expect(plain).not.toHaveProperty('decoded');
    expect(all.filter(({ decoded }) => decoded !== undefined)).toHaveLength(2);
  });

  it('reads packets that were decoded once for all registrations, however many chunks they fill', async () => {
    const service = await startService();
    const sockets = await Promise.all([1, 2, 3].map(() => service.socket()));
    for (const socket of sockets) await socket.call('register_module', UL);
    const peer = await connectPeer(service);
    const count = 1_000;
    for (let user = 0; user < count; user++) {
      peer.write(packetBytes({ packetType: 2, payload: aor22(String(user).padStart(800, '0')) }));
      // Packets of another module lie between them.
      peer.write(packetBytes({ module: 'dialog', packetType: 3, payload: 'x' }));
    }
    for (const socket of sockets) expect(await packets(socket, count)).toHaveLength(count);
    const { text } = await service.request('GET', '/metrics');
    expect(text).toContain(`clusterer_packets_decoded_total ${count}\n`);
  });

  it('gets the same binary frames as without', async () => {
    const service = await startService();
    const socket = await service.socket(['clusterer.v1.bin']);
    const registered = await socket.call('register_module', UL);
    const bytes = packetBytes({ packetType: 2, payload: aor22('alice') });
    (await connectPeer(service)).write(bytes);
    await socket.until(() => socket.received(registered).length === 1);
    expect(socket.packetFrames[0]?.packets).toEqual([bytes]);
  });

  it('cannot be resumed as one without', async () => {
    const service = await startService();
    const socket = await service.socket();
    const { registration, epoch } = await socket.call('register_module', UL);
    const resume = { registration, epoch, seq: 0 };
    const other = await service.socket();
    expect(await other.call('register_module', { ...UL, decode: false, resume })).toMatchObject({ reason: 'mismatch' });
    expect(await other.call('register_module', { ...UL, resume })).toMatchObject({ resumed: true });
  });
});

describe('in a fleet', () => {
  it('the name of 2.2 decodes the packets of the capability', async () => {
    const member = await startMember(120, [{ id: 1, capabilities: { [USRLOC]: true } }]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('register_module', { ...UL, auth_check: true });
    member.machine(1).send(MEMBER, { capability: USRLOC, version: 3, type: AOR_DELETE, body: aorDelete('alice') });
    expect(await packets(socket)).toMatchObject([
      { module: USRLOC, decoded: { name: 'aor_delete', fields: { aor: 'alice' } } },
    ]);
  });

  it('packets of a sync are decoded as live ones', async () => {
    const chunks = AORS.map((name) => Buffer.concat([Buffer.alloc(4), aorInsert(name)]));
    const data = { [USRLOC]: { version: 3, chunks } };
    const member = await startMember(121, [{ id: 1, family: 'E', capabilities: { [USRLOC]: true }, data, donor: {} }]);
    await linked(member);
    const socket = await member.service.socket();
    await socket.call('register_module', { ...UL, auth_check: true, sync: true });
    expect(await packets(socket, 2)).toMatchObject(
      AORS.map((aor) => ({
        sync: true,
        packet_type: AOR_INSERT,
        decoded: { name: 'aor_insert', fields: { domain: 'location', aor, label: 0, next_clabel: 0 } },
      })),
    );
  });
});

describe('with CLUSTERER_DECODE=off', () => {
  it('decode is refused with what to do, and the layouts are still listed', async () => {
    const service = await startService({ CLUSTERER_DECODE: 'off' });
    const socket = await service.socket();
    await expect(socket.call('register_module', UL)).rejects.toMatchObject({
      code: 400,
      data: { code: 'decode_not_supported', detail: expect.stringContaining('CLUSTERER_DECODE') },
    });
    await socket.call('register_module', { ...UL, decode: false });
    expect((await service.request('GET', '/layouts')).body.layouts).not.toEqual([]);
  });
});
