import { once } from 'node:events';
import { createConnection } from 'node:net';
import { capturedPackets } from '../fixtures/captures.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };

async function listening(environment: Record<string, string> = {}) {
  const service = await startService(environment);
  const client = await service.socket();
  await client.call('register_module', UL);
  return { service, client };
}

describe('packets from a machine to a module', () => {
  it('arrive when they are sent byte by byte', async () => {
    const { service, client } = await listening();
    const peer = await connectPeer(service);
    const bytes = Buffer.concat([packetBytes({ payload: 'one' }), packetBytes({ payload: 'two' })]);
    for (const byte of bytes) await new Promise<void>((sent) => peer.write(Buffer.of(byte), () => sent()));
    const packets = await client.first('packet', 2);
    expect(packets.map(({ payload }) => payload)).toEqual(['b25l', 'dHdv']);
  });

  it('arrive in order when a thousand are sent in one write', async () => {
    const { service, client } = await listening();
    const peer = await connectPeer(service);
    peer.write(Buffer.concat(Array.from({ length: 1000 }, (_, i) => packetBytes({ packetType: i }))));
    const packets = await client.first('packet', 1000);
    const inOrder = Array.from({ length: 1000 }, (_, i) => [i + 1, i]);
    expect(packets.map(({ seq, packet_type }) => [seq, packet_type])).toEqual(inOrder);
  });

  it('may have garbage in the upper bytes of length and version', async () => {
    const { service, client } = await listening();
    const peer = await connectPeer(service);
    peer.write(Buffer.from('5034434b1e00adde0200efbe02000000756c03000000020000004142430a', 'hex'));
    expect((await client.first('packet'))[0]).toMatchObject({ packet_type: 3, version: 2, payload: 'QUJDCg==' });
  });

  it('may be those of real daemons', async () => {
    const { service, client } = await listening();
    const peer = await connectPeer(service);
    const captured = capturedPackets('22-basic.hex');
    peer.write(Buffer.concat([...captured, packetBytes({ packetType: 99 })]));
    await client.until(({ notifications }) => notifications.some(({ params }) => params.packet_type === 99));
    const packets = await client.first('packet');
    // usrloc's URECORD_INSERT of node 1: domain "location", address of record "alice".
    expect(packets[0]).toMatchObject({
      machine_id: 1,
      packet_type: 1,
      version: 1,
      payload: Buffer.from('080000006c6f636174696f6e05000000616c696365', 'hex').toString('base64'),
    });
  });

  it('arrive over IPv6 and IPv4 when BIN listens at ::, each with its own address', async () => {
    const { service, client } = await listening({ CLUSTERER_BIN_HOST: '::' });
    await service.provision(1, 2, 'bin:[::1]:5555');
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await client.call('register_module', { ...UL, module: 'dialog', cluster_id: 1, auth_check: true });
    const six = createConnection({ host: '::1', port: service.bin.port });
    six.write(packetBytes({ module: 'dialog' }));
    await client.first('packet', 1);
    const four = createConnection({ host: '127.0.0.1', port: service.bin.port, localAddress: '127.0.0.3' });
    four.write(packetBytes({ module: 'dialog', machineId: 3 }));
    const packets = await client.first('packet', 2);
    expect(packets.map(({ source }) => source)).toEqual([`[::1]:${six.localPort}`, `127.0.0.3:${four.localPort}`]);
    six.destroy();
    four.destroy();
  });

  it('are counted and dropped without a registration, and the connection stays open', async () => {
    const { service, client } = await listening();
    const peer = await connectPeer(service);
    const tooShort = Buffer.from('5034434b1600000001000000060000006469616c6f67', 'hex');
    peer.write(Buffer.concat([packetBytes({ module: 'nobody' }), tooShort, packetBytes({ packetType: 8 })]));
    expect((await client.first('packet'))[0]).toMatchObject({ seq: 1, packet_type: 8 });
    expect(await service.logLine({ fault: 'too_short' })).toMatchObject({ source: `127.0.0.2:${peer.localPort}` });
  });
});

describe('a connection with a fault', () => {
  it.each([
    ['bad_marker', '474554202f20485454502f312e310d0a'],
    ['bad_length', '5034434b0000000001000000'],
    ['bad_name_length', '5034434b160000000100000000010000'],
    ['other_dialect', '5034434b2e00000001001200636c757374657265722d696e7465726e616c'],
  ])('is closed for %s, which is logged, and the others stay open', async (fault, hex) => {
    const { service, client } = await listening();
    const [broken, bystander] = [await connectPeer(service, '127.0.0.3'), await connectPeer(service)];
    broken.write(Buffer.concat([packetBytes({ packetType: 1 }), Buffer.from(hex, 'hex')]));
    await once(broken, 'close');
    bystander.write(packetBytes({ packetType: 2 }));
    const packets = await client.first('packet', 2);
    expect(packets.map(({ packet_type }) => packet_type)).toEqual([1, 2]);
    expect(await service.logLine({ fault })).toMatchObject({ source: expect.stringMatching(/^127\.0\.0\.3:\d+$/) });
  });

  it('is closed when a packet stays incomplete for too long', async () => {
    const { service } = await listening({ CLUSTERER_BIN_FRAME_TIMEOUT_MS: '50' });
    const peer = await connectPeer(service);
    peer.write(packetBytes().subarray(0, 20));
    await once(peer, 'close');
    expect(await service.logLine({ fault: 'frame_timeout' })).toMatchObject({ count: 1 });
  });

  it('is refused from outside the allowed networks and beyond the limits', async () => {
    const { service, client } = await listening({
      CLUSTERER_BIN_ALLOW: '127.0.0.0/28',
      CLUSTERER_BIN_MAX_CONNECTIONS: '2',
      CLUSTERER_BIN_MAX_CONNECTIONS_PER_SOURCE: '1',
    });
    await once(await connectPeer(service, '127.0.0.99'), 'close');
    const first = await connectPeer(service, '127.0.0.2');
    await once(await connectPeer(service, '127.0.0.2'), 'close');
    await connectPeer(service, '127.0.0.3');
    await once(await connectPeer(service, '127.0.0.4'), 'close');
    for (const fault of ['not_allowed', 'too_many_from_source', 'too_many_connections']) {
      expect(await service.logLine({ fault })).toMatchObject({ count: 1 });
    }
    first.write(packetBytes());
    expect((await client.first('packet'))[0]).toMatchObject({ source: `127.0.0.2:${first.localPort}` });
  });
});
