import { fullPort } from '../integration/bin-peers.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };

/** Machine 2 of cluster 1 accepts no connection until `release`. */
async function withSlowMachine() {
  const { port, release } = await fullPort();
  let onLookUp = () => {};
  const resolve = async (host: string) => {
    if (host === 'slow.example') onLookUp();
    return { ips: ['127.0.0.1'], fault: null };
  };
  const service = await startService({ CLUSTERER_BIN_CONNECT_TIMEOUT_MS: '60000' }, { resolver: { resolve } });
  await service.provision(1, 2, `bin:slow.example:${port}`);
  // The host was resolved when the machine was provisioned, and is resolved again before a packet is sent.
  const sending = new Promise<void>((resolve) => {
    onLookUp = resolve;
  });
  return { service, sending, release };
}

describe('a registration', () => {
  it('has a secret id, a public number, the epoch and its machines', async () => {
    const service = await startService();
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await service.provision(1, 2, 'bin:127.0.0.2:5555', { state: 'down' });
    await service.provision(1, 4, 'udp:127.0.0.4:5060');
    await service.provision(2, 5, 'bin:127.0.0.5:5555');
    const client = await service.socket();
    const [welcome] = await client.first('welcome');
    const answer = await client.call('register_module', { ...UL, timeout: 10, auth_check: 1 });
    expect(answer).toEqual({
      registration: expect.stringMatching(/^[\w-]{20,}$/),
      number: 1,
      epoch: welcome?.epoch,
      seq: 0,
      machines: [
        { machine_id: 2, reception: 'receiving' },
        { machine_id: 3, reception: 'receiving' },
      ],
    });
    const { text, body } = await service.request('GET', '/modules');
    expect(text).not.toContain(answer.registration);
    expect(body.modules).toMatchObject([
      { number: 1, module: 'ul', protocol: 'bin', cluster_id: 1, timeout: 10, auth_check: true, connected: true },
    ]);
  });

  it('gets every packet of its module once, as do others of the same module on any socket', async () => {
    const service = await startService();
    const [one, two] = [await service.socket(), await service.socket()];
    const first = await one.call('register_module', UL);
    const second = await one.call('register_module', { ...UL, cluster_id: 0 });
    const third = await two.call('register_module', UL);
    await two.call('register_module', { ...UL, module: 'dialog' });
    const peer = await connectPeer(service);
    peer.write(Buffer.concat([packetBytes({ packetType: 7 }), packetBytes({ packetType: 8 })]));
    const ofOne = await one.first('packet', 4);
    expect(ofOne.map((it) => [it.registration, it.seq, it.cluster_id, it.packet_type]).sort()).toEqual(
      [
        [first.registration, 1, 1, 7],
        [first.registration, 2, 1, 8],
        [second.registration, 1, 0, 7],
        [second.registration, 2, 0, 8],
      ].sort(),
    );
    const ofTwo = await two.first('packet', 2);
    expect(ofTwo.map((it) => [it.registration, it.seq])).toEqual([
      [third.registration, 1],
      [third.registration, 2],
    ]);
    await two.call('ping');
    expect(two.notifications.filter(({ method }) => method === 'packet')).toHaveLength(2);
  });

  it('ends with unregister_module, which only its own socket can call', async () => {
    const service = await startService();
    const [owner, stranger] = [await service.socket(), await service.socket()];
    const { registration } = await owner.call('register_module', UL);
    const other = await owner.call('register_module', { ...UL, module: 'dialog' });
    const unknown = { code: 404, data: { code: 'unknown_registration' } };
    await expect(stranger.call('unregister_module', { registration })).rejects.toMatchObject(unknown);
    expect(await owner.call('unregister_module', { registration })).toEqual({});
    await expect(owner.call('unregister_module', { registration })).rejects.toMatchObject(unknown);
    const peer = await connectPeer(service);
    peer.write(Buffer.concat([packetBytes(), packetBytes({ module: 'dialog' })]));
    expect((await owner.first('packet'))[0]).toMatchObject({ registration: other.registration });
    expect((await service.request('GET', '/modules')).body.modules).toMatchObject([{ number: 2, module: 'dialog' }]);
  });

  it('leaves the public list when its client closes with 1000', async () => {
    const service = await startService();
    const client = await service.socket();
    await client.call('register_module', UL);
    await client.close();
    await service.logLine({ msg: 'module unregistered', number: 1 });
    expect((await service.request('GET', '/modules')).body).toEqual({ modules: [] });
  });

  it('can be made by a notification, which gets no answer', async () => {
    const service = await startService();
    const client = await service.socket();
    client.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'register_module', params: UL }));
    await client.call('ping');
    (await connectPeer(service)).write(packetBytes());
    expect((await client.first('packet'))[0]).toMatchObject({ seq: 1, module: 'ul' });
  });

  it('gets nothing before the answer that names it, even in a slow batch', async () => {
    const { service, sending, release } = await withSlowMachine();
    const [client, witness] = [await service.socket(), await service.socket()];
    await witness.call('register_module', UL);
    const batch = [
      { jsonrpc: '2.0', id: 'r', method: 'register_module', params: UL },
      { jsonrpc: '2.0', id: 's', method: 'send_to', params: { cluster_id: 1, module: 'ul', packet_type: 1 } },
    ];
    client.socket.send(JSON.stringify(batch));
    await sending;
    (await connectPeer(service)).write(packetBytes());
    await witness.first('packet');
    await release();
    await client.first('packet');
    expect(client.frames.slice(1)).toMatchObject([
      [
        { id: 'r', result: { seq: 0 } },
        { id: 's', result: { results: [{ machine_id: 2, sent: false }] } },
      ],
      { method: 'packet', params: { seq: 1 } },
    ]);
  });

  it('is not made by a batch whose socket is already closed', async () => {
    const { service, sending, release } = await withSlowMachine();
    const client = await service.socket();
    const batch = [
      { jsonrpc: '2.0', id: 's', method: 'send_to', params: { cluster_id: 1, module: 'ul', packet_type: 1 } },
      { jsonrpc: '2.0', id: 'r', method: 'register_module', params: UL },
    ];
    client.socket.send(JSON.stringify(batch));
    await sending;
    await client.close();
    await release();
    const other = await service.socket();
    expect(await other.call('register_module', UL)).toMatchObject({ number: 1 });
    expect((await service.request('GET', '/modules')).body.modules).toMatchObject([{ number: 1 }]);
  });
});

describe('a packet', () => {
  it('has exactly the documented fields', async () => {
    const service = await startService();
    const client = await service.socket();
    const { registration } = await client.call('register_module', UL);
    const peer = await connectPeer(service, '127.0.0.8');
    peer.write(packetBytes({ machineId: 77, packetType: -5, version: 0xabcd_0203, payload: Buffer.of(0, 255, 16) }));
    const [packet] = await client.first('packet');
    expect(packet).toEqual({
      registration,
      seq: 1,
      cluster_id: 1,
      machine_id: 77,
      dialect: '2.2',
      module: 'ul',
      protocol: 'bin',
      packet_type: -5,
      version: 515,
      source: `127.0.0.8:${peer.localPort}`,
      received_at: expect.any(Number),
      payload: 'AP8Q',
    });
    expect(Math.abs(Date.now() - Number(packet?.received_at))).toBeLessThan(60_000);
  });
});

describe('auth_check', () => {
  it.each([
    ['ip', { machineId: 2 }, '127.0.0.3'],
    ['machine_id', { machineId: 9 }, '127.0.0.2'],
    ['protocol', { machineId: 4 }, '127.0.0.4'],
  ])('drops packets with the wrong %s, counts them, and logs it', async (mismatch, fields, from) => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.provision(1, 4, 'udp:127.0.0.4:5060');
    const client = await service.socket();
    const strict = await client.call('register_module', { ...UL, auth_check: true });
    const lax = await client.call('register_module', UL);
    const peer = await connectPeer(service, from);
    peer.write(packetBytes(fields));
    expect((await client.first('packet'))[0]).toMatchObject({ registration: lax.registration });
    expect(await service.logLine({ mismatch })).toMatchObject({
      module: 'ul',
      number: strict.number,
      machine_id: fields.machineId,
      source: `${from}:${peer.localPort}`,
    });
    const { modules } = (await service.request('GET', '/modules')).body;
    expect(modules).toMatchObject([
      { number: strict.number, packets: 0, dropped: 0, unknown_source: 1 },
      { number: lax.number, packets: 1, dropped: 0, unknown_source: 0 },
    ]);
  });

  it('accepts packets from a machine that is down', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555', { state: 'down' });
    const client = await service.socket();
    await client.call('register_module', { ...UL, auth_check: true });
    (await connectPeer(service)).write(packetBytes());
    expect((await client.first('packet'))[0]).toMatchObject({ machine_id: 2 });
    const { modules } = (await service.request('GET', '/modules')).body;
    expect(modules).toMatchObject([{ packets: 1, machines: [{ machine_id: 2, packets: 1 }] }]);
  });
});
