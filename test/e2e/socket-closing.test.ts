import { WebSocket } from 'ws';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };

test('a stop says when to reconnect, and closes sockets with 1001', async () => {
  const service = await startService();
  const client = await service.socket();
  await client.call('register_module', UL);
  await service.stop();
  expect(await client.closed).toMatchObject({ code: 1001 });
  const { method, params } = client.notifications.at(-1) ?? {};
  expect(method).toBe('going_away');
  expect(params?.reconnect_after_ms).toBeGreaterThan(0);
  expect(params?.reconnect_after_ms).toBeLessThanOrEqual(5000);
});

test('a stop does not wait long for a client that does not read', async () => {
  const service = await startService();
  const client = await service.socket();
  client.socket.pause();
  const started = performance.now();
  await service.stop();
  expect(performance.now() - started).toBeLessThan(3000);
});

test('a client that sends no pong is closed with 4012, and one that does stays connected', async () => {
  const service = await startService({ CLUSTERER_WS_HEARTBEAT_SECONDS: '1', CLUSTERER_WS_PONG_TIMEOUT_SECONDS: '1' });
  const alive = await service.socket();
  const silent = new WebSocket(`${service.httpUrl.replace('http', 'ws')}/ws`, ['clusterer.v1'], { autoPong: false });
  const code = await new Promise((resolve) => silent.once('close', resolve));
  expect(code).toBe(4012);
  expect(await alive.call('ping')).toBe('pong');
});

describe('a slow consumer', () => {
  /** A packet notification has about 250 bytes besides its payload. */
  const BURST = Buffer.concat(Array.from({ length: 100 }, () => packetBytes({ payload: Buffer.alloc(10_000) })));

  it('is closed with 4008, which it gets when it reads again, and does not delay others', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: '4000000' });
    const [slow, quick] = [await service.socket(), await service.socket()];
    await slow.call('register_module', UL);
    await quick.call('register_module', UL);
    slow.socket.pause();
    const peer = await connectPeer(service);
    const closing = service.logLine({ code: 4008 });
    let sent = 0;
    let closed = false;
    void closing.then(() => {
      closed = true;
    });
    while (!closed) {
      peer.write(BURST);
      sent += 100;
      await quick.first('packet', sent);
    }
    // The kernel buffers a few MB for each side.
    expect(sent).toBeLessThan(4000);
    expect((await service.request('GET', '/modules')).body.modules).toMatchObject([
      { number: 1, packets: sent, connected: false },
      { number: 2, packets: sent, connected: true },
    ]);
    expect(quick.notifications.slice(1).map(({ params }) => params.seq)).toEqual(
      Array.from({ length: sent }, (_, i) => i + 1),
    );

    slow.socket.resume();
    expect(await slow.closed).toEqual({
      code: 4008,
      reason: 'slow consumer: more than 4000000 bytes pending',
    });
    const seqs = slow.notifications.slice(1).map(({ params }) => params.seq);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
  }, 30_000);

  it('gets every packet if it reads on in time', async () => {
    const service = await startService();
    const client = await service.socket();
    const witness = await service.socket();
    await client.call('register_module', UL);
    await witness.call('register_module', UL);
    client.socket.pause();
    const peer = await connectPeer(service);
    for (let burst = 1; burst <= 8; burst++) {
      peer.write(BURST);
      await witness.first('packet', burst * 100);
    }
    client.socket.resume();
    await client.first('packet', 800);
    expect(client.notifications.slice(1).map(({ params }) => params.seq)).toEqual(
      Array.from({ length: 800 }, (_, i) => i + 1),
    );
  }, 30_000);

  it('gets a packet that came while long answers waited', async () => {
    const service = await startService();
    const [client, witness] = [await service.socket(), await service.socket()];
    await client.call('register_module', UL);
    await witness.call('register_module', UL);
    client.socket.pause();
    // Each answer is an error that contains the method, 1 MB: more than the kernel takes.
    const long = JSON.stringify({ jsonrpc: '2.0', id: 'long', method: 'x'.repeat(1_000_000) });
    for (let i = 0; i < 12; i++) client.socket.send(long);
    client.socket.send(
      JSON.stringify({ jsonrpc: '2.0', method: 'register_module', params: { ...UL, module: 'last' } }),
    );
    await service.logLine({ msg: 'module registered', module: 'last' });
    (await connectPeer(service)).write(packetBytes());
    await witness.first('packet');
    client.socket.resume();
    expect((await client.first('packet'))[0]).toMatchObject({ seq: 1 });
  }, 30_000);

  it('may get an answer that is longer than the queue limit', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: '300' });
    const machineIds = Array.from({ length: 200 }, (_, i) => i + 1);
    await Promise.all(machineIds.map((id) => service.provision(1, id, `bin:127.0.0.${id}:5555`)));
    const client = await service.socket();
    // About 6 MB in one answer: more than the kernel takes at once.
    const batch = Array.from({ length: 100 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'list_nodes' }));
    client.socket.send(JSON.stringify(batch));
    const answers = await client.until(({ frames }) => frames.find(Array.isArray));
    expect(answers).toHaveLength(100);
    expect(await client.call('ping')).toBe('pong');
  }, 30_000);
});
