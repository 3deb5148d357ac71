import { type CapturedPayload, capturedPayloads } from '../fixtures/payloads.js';
import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, releasesKnown, startMember } from '../support/fleet/member.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();
disconnectPeersAfterEach();

// biome-ignore lint/suspicious/noExplicitAny: tests read notifications field by field
type Packet = any;

const PACKETS = '/clusters/1/packets';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function captured(dialect: '2.2' | '2.4', isSync: boolean): CapturedPayload[] {
  return capturedPayloads().filter((it) => it.dialect === dialect && (it.packetType === 'sync') === isSync);
}

/** A socket with a registration of each module of these packets. */
async function registered(
  service: TestService,
  packets: readonly CapturedPayload[],
  more: object = {},
): Promise<SocketClient> {
  const socket = await service.socket();
  for (const module of new Set(packets.map((it) => it.module))) {
    const fields = { module, protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1, decode: true, ...more };
    await socket.call('register_module', fields);
  }
  return socket;
}

/** What came by now, once these are so many packets. Packets of different modules come in any order. */
function arrived(socket: SocketClient, count: number): Promise<Packet[]> {
  return socket.until(({ notifications }) => {
    const found = notifications.filter(({ method }) => method === 'packet').map(({ params }) => params);
    return found.length >= count && found;
  });
}

/** As the body of `POST /clusters/1/packets`. */
function byName({ module, version, decoded }: Packet): object {
  return { module, version, name: decoded.name, fields: decoded.fields };
}

describe('every captured packet', () => {
  it('of 2.2 comes decoded, and goes out by name and fields with the same bytes', async () => {
    const [service, next] = [await startService(), await startService()];
    await service.provision(1, 2, `bin:127.0.0.1:${next.bin.port}`);
    const packets = captured('2.2', false);
    const [socket, nextSocket] = [await registered(service, packets), await registered(next, packets)];
    const peer = await connectPeer(service);
    for (const { module, version, packetType, payload } of packets) {
      peer.write(packetBytes({ module, version, packetType: Number(packetType), payload }));
    }
    const decoded = await arrived(socket, packets.length);
    expect(decoded.map(({ payload }) => payload).sort()).toEqual(packets.map(({ payload }) => base64(payload)).sort());
    for (const [index, packet] of decoded.entries()) {
      expect(packet).toMatchObject({ decoded: { name: expect.any(String) } });
      const { body } = await service.request('POST', PACKETS, byName(packet));
      expect(body).toEqual({ results: [{ machine_id: 2, sent: true }] });
      const again = (await arrived(nextSocket, index + 1))[index];
      const { module, packet_type, payload, decoded } = packet;
      expect(again).toMatchObject({ module, packet_type, payload, decoded });
    }
  });

  it('of 2.4 comes decoded, and goes out by name and fields with the same bytes', async () => {
    const member = await startMember(157, [{ id: 1, family: 'E', capabilities: { 'ratelimit-pipe-repl': false } }]);
    await linked(member);
    await releasesKnown(member, [1]);
    const packets = captured('2.4', false);
    const socket = await registered(member.service, packets);
    const machine = member.machine(1);
    for (const { module: capability, version, packetType, payload } of packets) {
      machine.send(MEMBER, { capability, version, type: Number(packetType), body: payload });
    }
    const decoded = await arrived(socket, packets.length);
    expect(decoded.map(({ payload }) => payload).sort()).toEqual(packets.map(({ payload }) => base64(payload)).sort());
    for (const packet of decoded) {
      expect(packet).toMatchObject({ decoded: { name: expect.any(String) } });
      const before = machine.packets(packet.module).length;
      const { body } = await member.service.request('POST', PACKETS, byName(packet));
      expect(body).toEqual({ results: [{ machine_id: 1, sent: true }] });
      await machine.until(() => machine.packets(packet.module).length > before);
      const { version, packet_type: type, payload } = packet;
      expect(machine.packets(packet.module)[before]).toMatchObject({
        version,
        type,
        body: Buffer.from(payload, 'base64'),
      });
    }
  });

  it.each([
    [158, 3],
    [159, 5],
  ])('of a sync comes decoded (127.0.%i.0, version %i)', async (net, version) => {
    const packets = captured('2.4', true).filter((it) => it.version === version);
    const [{ module } = { module: '' }] = packets;
    const member = await startMember(net, [
      {
        id: 1,
        family: 'E',
        capabilities: { [module]: true },
        data: { [module]: { version, chunks: packets.map(({ payload }) => payload) } },
        donor: {},
      },
    ]);
    await linked(member);
    const socket = await registered(member.service, packets, { sync: true });
    const decoded = await arrived(socket, packets.length);
    // A chunk is a number and the fields of the packet that it stands for.
    expect(decoded.map(({ payload }) => payload)).toEqual(packets.map(({ payload }) => base64(payload.subarray(4))));
    for (const packet of decoded) expect(packet).toMatchObject({ sync: true, decoded: { name: expect.any(String) } });
  });
});
