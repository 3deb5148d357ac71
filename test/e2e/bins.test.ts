import { certificate, credentials, pem } from '../fixtures/certificates.js';
import { startPeer } from '../integration/bin-peers.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import {
  closed,
  connectTcp,
  connectTlsPeer,
  endTlsPeersAfterEach,
  startTlsMachine,
} from '../support/peers/tls-peer.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();
endTlsPeersAfterEach();

const BINS = {
  CLUSTERER_BINS_PORT: '0',
  CLUSTERER_BINS_CERT: certificate('service.crt'),
  CLUSTERER_BINS_KEY: certificate('service.key'),
};
const CA = { CLUSTERER_BINS_CA: certificate('ca.crt') };
const UL = { module: 'ul', timeout: 0, auth_check: false, cluster_id: 0 };
const PACKET = { module: 'ul', packet_type: 3, protocol: 'bins', payload: 'aGVsbG8=' };

async function send(service: TestService) {
  return (await service.request('POST', '/clusters/1/packets', PACKET)).body.results;
}

describe('packets that arrive over TLS', () => {
  it('go to registrations of bins, and plain packets to registrations of bin', async () => {
    const service = await startService(BINS);
    const client = await service.socket();
    const bins = await client.call('register_module', { ...UL, protocol: 'BINS' });
    const bin = await client.call('register_module', { ...UL, protocol: 'bin' });
    const [secret, clear] = [await connectTlsPeer(service, '127.0.0.3'), await connectPeer(service)];
    secret.write(packetBytes({ packetType: 1, payload: 'hello' }));
    await client.first('packet', 1);
    clear.write(packetBytes({ packetType: 2 }));
    expect(await client.first('packet', 2)).toMatchObject([
      { registration: bins.registration, protocol: 'bins', packet_type: 1, payload: 'aGVsbG8=' },
      { registration: bin.registration, protocol: 'bin', packet_type: 2 },
    ]);
    expect(client.notifications[1]?.params.source).toBe(`127.0.0.3:${secret.localPort}`);
    expect(client.received(bins)).toHaveLength(1);
    expect(await service.logLine({ bins: `127.0.0.1:${service.bins.port}` })).toMatchObject({ msg: 'listening' });
  });

  it('arrive in order when they fill many TLS records, also as binary frames', async () => {
    const service = await startService(BINS);
    const client = await service.socket(['clusterer.v1.bin']);
    const registered = await client.call('register_module', { ...UL, protocol: 'bins' });
    const packets = Array.from({ length: 2000 }, (_, i) =>
      packetBytes({ packetType: i, payload: 'x'.repeat(i % 200) }),
    );
    (await connectTlsPeer(service)).write(Buffer.concat(packets));
    await client.until(() => client.received(registered).length === packets.length);
    expect(Buffer.concat(client.packetFrames.flatMap((frame) => frame.packets))).toEqual(Buffer.concat(packets));
  });

  it('pass auth_check only for a machine with a bins url', async () => {
    const service = await startService(BINS);
    await service.provision(1, 2, 'bins:127.0.0.2');
    await service.provision(1, 3, 'bin:127.0.0.2');
    const client = await service.socket();
    await client.call('register_module', { ...UL, protocol: 'bins', cluster_id: 1, auth_check: true });
    const peer = await connectTlsPeer(service);
    peer.write(Buffer.concat([packetBytes({ machineId: 3 }), packetBytes({ machineId: 2 })]));
    expect(await client.first('packet')).toMatchObject([{ machine_id: 2 }]);
    expect((await service.request('GET', '/modules')).body.modules).toMatchObject([{ packets: 1, unknown_source: 1 }]);
  });
});

describe('with a CA', () => {
  it.each([
    ['no certificate', {}],
    ['one of another CA', credentials('stranger')],
  ])('a client must present a certificate that the CA signed; %s is not enough', async (_, options) => {
    const service = await startService({ ...BINS, ...CA });
    const client = await service.socket();
    await client.call('register_module', { ...UL, protocol: 'bins' });
    const refused = await connectTlsPeer(service, '127.0.0.2', options);
    const gone = closed(refused);
    refused.write(packetBytes({ packetType: 1 }));
    await gone;
    await service.logLine({ fault: 'tls_failed' });
    (await connectTlsPeer(service)).write(packetBytes({ packetType: 2 }));
    expect(await client.first('packet')).toMatchObject([{ seq: 1, packet_type: 2 }]);
  });

  it('a machine must present one too, or it counts a failed attempt', async () => {
    const service = await startService({ ...BINS, ...CA });
    const stranger = await startTlsMachine('127.0.0.2', credentials('stranger'));
    const known = await startTlsMachine('127.0.0.3');
    await service.provision(1, 2, `bins:127.0.0.2:${stranger.port}`);
    await service.provision(1, 3, `bins:127.0.0.3:${known.port}`);
    expect(await send(service)).toEqual([
      { machine_id: 2, sent: false, error: 'refused' },
      { machine_id: 3, sent: true },
    ]);
    expect((await service.request('GET', '/clusters/1/machines/2')).body).toMatchObject({ no_tries: 1 });
    await service.logLine({ machine: `127.0.0.2:${stranger.port}`, reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });
});

describe('a machine with a bins url', () => {
  it('gets packets over TLS on one kept connection, from our address, with our certificate', async () => {
    const service = await startService({ ...BINS, CLUSTERER_BIN_HOST: '127.0.0.5' });
    const machine = await startTlsMachine('127.0.0.2', { ca: pem('ca.crt'), requestCert: true });
    await service.provision(1, 2, `bins:127.0.0.2:${machine.port}`);
    expect(await send(service)).toEqual([{ machine_id: 2, sent: true }]);
    expect(await send(service)).toEqual([{ machine_id: 2, sent: true }]);
    const packet = packetBytes({ machineId: 0, payload: 'hello' });
    expect(await machine.received(2 * packet.length)).toEqual(Buffer.concat([packet, packet]));
    expect(machine.connections).toMatchObject([{ from: '127.0.0.5', clientName: 'service' }]);
    const unverified = service.logLines.filter(({ msg }) => String(msg).startsWith('CLUSTERER_BINS_CA is not set'));
    expect(unverified).toHaveLength(1);
  });

  it('gets packets without a TLS listener of ours, and none that are sent to bin', async () => {
    const service = await startService();
    const machine = await startTlsMachine('127.0.0.2', { maxVersion: 'TLSv1.2' });
    await service.provision(1, 2, `bins:127.0.0.2:${machine.port}`);
    expect((await service.request('POST', '/clusters/1/packets', { ...PACKET, protocol: 'bin' })).body.results).toEqual(
      [],
    );
    expect(await send(service)).toEqual([{ machine_id: 2, sent: true }]);
    expect((await machine.received(1)).length).toBe(packetBytes({ payload: 'hello' }).length);
  });

  it('that requires a certificate which we do not have counts a failed attempt, in TLS 1.2 and 1.3', async () => {
    const service = await startService();
    const picky = { ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true };
    for (const [id, maxVersion] of [
      [2, 'TLSv1.2'],
      [3, 'TLSv1.3'],
    ] as const) {
      const { port } = await startTlsMachine(`127.0.0.${id}`, { ...picky, maxVersion });
      await service.provision(1, id, `bins:127.0.0.${id}:${port}`);
    }
    expect(await send(service)).toEqual([
      { machine_id: 2, sent: false, error: 'refused' },
      { machine_id: 3, sent: false, error: 'refused' },
    ]);
    const { nodes } = (await service.request('GET', '/nodes')).body;
    expect(nodes).toMatchObject([{ no_tries: 1 }, { no_tries: 1 }]);
  });

  it('that does not speak TLS, sends nothing or resets has one failed attempt, with the errors of docs/tls.md', async () => {
    const service = await startService({ CLUSTERER_BIN_CONNECT_TIMEOUT_MS: '300' });
    const ways = ['refused', 'timeout', 'reset'] as const;
    const servers = await Promise.all(
      ways.map((way, i) =>
        startPeer(`127.0.0.${i + 2}`, (socket) => {
          socket.resume();
          if (way === 'refused') socket.end('P4CK, or anything else that is not a TLS record');
          if (way === 'reset') socket.on('data', () => socket.resetAndDestroy());
        }),
      ),
    );
    for (const [i, { port }] of servers.entries()) await service.provision(1, i + 2, `bins:127.0.0.${i + 2}:${port}`);
    expect(await send(service)).toEqual(ways.map((error, i) => ({ machine_id: i + 2, sent: false, error })));
    expect(
      (await service.request('GET', '/nodes')).body.nodes.map((one: { no_tries: number }) => one.no_tries),
    ).toEqual([1, 1, 1]);
    for (const { server } of servers) server.close();
  });
});

describe('admission over TLS', () => {
  it('comes before the handshake, and has common limits with plain BIN', async () => {
    const service = await startService({
      ...BINS,
      CLUSTERER_BIN_ALLOW: '127.0.0.0/28',
      CLUSTERER_BIN_MAX_CONNECTIONS: '2',
      CLUSTERER_BIN_MAX_CONNECTIONS_PER_SOURCE: '1',
    });
    const outside = await connectTcp(service, '127.0.0.99');
    await closed(outside);
    expect(outside.bytesRead).toBe(0);
    const clear = await connectPeer(service, '127.0.0.2');
    await closed(await connectTcp(service, '127.0.0.2'));
    const silent = await connectTcp(service, '127.0.0.3');
    await closed(await connectTcp(service, '127.0.0.4'));
    for (const fault of ['not_allowed', 'too_many_from_source', 'too_many_connections']) {
      expect(await service.logLine({ fault })).toMatchObject({ count: 1 });
    }
    // Both free their place, with and without a handshake.
    for (const socket of [clear, silent]) socket.destroy();
    await Promise.all([closed(clear), closed(silent)]);
    const client = await service.socket();
    await client.call('register_module', { ...UL, protocol: 'bins' });
    let secret = await connectTlsPeer(service, '127.0.0.3').catch(() => null);
    while (secret === null) secret = await connectTlsPeer(service, '127.0.0.3').catch(() => null);
    secret.write(packetBytes());
    await client.first('packet');
  });

  it.each([
    ['tls_timeout', ''],
    ['tls_timeout', '1603010200'],
    ['tls_failed', 'P4CK'.repeat(10)],
  ])('closes a connection whose handshake fails or takes too long (%s)', async (fault, sent) => {
    const service = await startService({ ...BINS, CLUSTERER_BIN_FRAME_TIMEOUT_MS: '50' });
    const peer = await connectTcp(service);
    const { localPort } = peer;
    peer.write(fault === 'tls_failed' ? sent : Buffer.from(sent, 'hex'));
    await closed(peer);
    expect(await service.logLine({ fault })).toMatchObject({ count: 1, source: `127.0.0.2:${localPort}` });
  });

  it.each([
    ['something that is not TLS', 'P4CK'.repeat(10)],
    ['half a ClientHello', Buffer.from('1603010200', 'hex')],
  ])('counts a client that sends %s and resets, and logs its address', async (_, sent) => {
    const service = await startService(BINS);
    const peer = await connectTcp(service);
    const { localPort } = peer;
    peer.write(sent, () => peer.resetAndDestroy());
    const line = await service.logLine({ fault: 'tls_failed' });
    expect(line).toMatchObject({ count: 1, source: `127.0.0.2:${localPort}` });
  });

  it('is followed by the checks of BIN after the handshake', async () => {
    const service = await startService({ ...BINS, CLUSTERER_BIN_FRAME_TIMEOUT_MS: '200' });
    const [broken, half] = [await connectTlsPeer(service), await connectTlsPeer(service)];
    broken.write('GET / HTTP/1.1\r\n\r\n');
    half.write(packetBytes().subarray(0, 20));
    await Promise.all([closed(broken), closed(half)]);
    for (const fault of ['bad_marker', 'frame_timeout'])
      expect(await service.logLine({ fault })).toMatchObject({ count: 1 });
  });
});

test('the own row of a member may have the url of the BINS listener; the log warns when it has neither', async () => {
  const service = await startService({ ...BINS, CLUSTERER_SERVER_ID: '7' });
  const warning = 'own row with a url other than the BIN listener: peers send elsewhere';
  await service.provision(1, 7, `bins:127.0.0.1:${service.bins.port}`);
  await service.provision(2, 7, `bins:127.0.0.1:${service.bin.port}`);
  expect(await service.logLine({ msg: warning })).toMatchObject({
    cluster_id: 2,
    listener: `127.0.0.1:${service.bins.port}`,
  });
  expect(service.logLines.filter(({ msg }) => msg === warning)).toHaveLength(1);
});
