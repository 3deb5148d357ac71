import type { Socket } from 'node:net';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { scrape } from '../support/service/metrics.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

jest.setTimeout(60_000);
stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };
const BURST = Buffer.concat(Array.from({ length: 100 }, () => packetBytes({ payload: Buffer.alloc(10_000) })));
const QUEUE_BYTES = 2_000_000;

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

/** Once the registration of that module has been told so many packets. */
async function arrived(service: TestService, module: string, packets: number): Promise<void> {
  for (;;) {
    const { modules } = (await service.request('GET', '/modules')).body;
    if (modules.find((one: { module: string }) => one.module === module)?.packets >= packets) return;
  }
}

/** Stops reading until it is closed; answers how many packets were sent meanwhile. */
async function stall(service: TestService, client: SocketClient, peer: Socket): Promise<number> {
  client.socket.pause();
  let closed = false;
  void service.logLine({ code: 4008 }).then(() => {
    closed = true;
  });
  let sent = 0;
  while (!closed) {
    peer.write(BURST);
    sent += 100;
    await arrived(service, 'ul', sent);
  }
  return sent;
}

describe.each(['clusterer.v1', 'clusterer.v1.bin'])('a slow consumer on %s', (subprotocol) => {
  it('gets every packet once, though it was closed and far more waits than may wait for a socket', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: String(QUEUE_BYTES) });
    const client = await service.socket([subprotocol]);
    const ul = await client.call('register_module', UL);
    const peer = await connectPeer(service);
    const stalled = await stall(service, client, peer);
    let sent = stalled;
    for (let i = 0; i < 10; i++) {
      peer.write(BURST);
      sent += 100;
    }
    await arrived(service, 'ul', sent);
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 4008, reason: expect.stringContaining('2000000 bytes') });

    const seen = client.received(ul).map(([, seq]) => seq);
    const seq = seen.at(-1) ?? 0;
    // A burst is a megabyte; the kernel took some of what was sent before the close.
    expect(sent - seq).toBeGreaterThan(1000);
    const back = await service.socket([subprotocol]);
    const resume = { registration: ul.registration, epoch: ul.epoch, seq };
    const answer = await back.call('register_module', { ...UL, resume });
    expect(answer).toMatchObject({ resumed: true, missed: sent - seq });
    peer.write(BURST);
    await back.until(() => back.received(ul).length >= sent + 100 - seq);
    const again = back.received(ul).map(([, one]) => one);
    expect([...seen, ...again]).toEqual(upTo(sent + 100));
  });

  it('catches up with a long backlog even where very little may wait', async () => {
    const service = await startService({ CLUSTERER_WS_QUEUE_BYTES: '10000' });
    const client = await service.socket([subprotocol]);
    const ul = await client.call('register_module', UL);
    client.socket.terminate();
    const peer = await connectPeer(service);
    for (let i = 0; i < 10; i++) peer.write(BURST);
    await arrived(service, 'ul', 1000);
    const back = await service.socket([subprotocol]);
    const resume = { registration: ul.registration, epoch: ul.epoch, seq: 0 };
    expect(await back.call('register_module', { ...UL, resume })).toMatchObject({ missed: 1000 });
    await back.until(() => back.received(ul).length === 1000);
    expect(back.received(ul).map(([, seq]) => seq)).toEqual(upTo(1000));
  });
});

test('one registration that falls behind does not keep another of the same socket waiting for ever', async () => {
  const service = await startService();
  const client = await service.socket();
  const busy = await client.call('register_module', UL);
  const quiet = await client.call('register_module', { ...UL, module: 'quiet' });
  const peer = await connectPeer(service);
  for (let i = 0; i < 10; i++) peer.write(BURST);
  peer.write(packetBytes({ module: 'quiet' }));
  for (let i = 0; i < 5; i++) peer.write(BURST);
  await client.until(() => client.received(quiet).length === 1 && client.received(busy).length === 1500);
});

test('what waits is more than all may keep: the socket is closed with 4008, and a resume says what is lost', async () => {
  const service = await startService({ CLUSTERER_REPLAY_TOTAL_BYTES: '300000' });
  const client = await service.socket();
  const ul = await client.call('register_module', UL);
  const peer = await connectPeer(service);
  await stall(service, client, peer);
  client.socket.resume();
  expect(await client.closed).toEqual({
    code: 4008,
    reason: 'what waited for this socket is more than is kept; read faster',
  });
  const seq = client.received(ul).length;
  const back = await service.socket();
  const resume = { registration: ul.registration, epoch: ul.epoch, seq };
  expect(await back.call('register_module', { ...UL, resume })).toMatchObject({ reason: 'overflow', seq: 0 });
});

test.each(['clusterer.v1', 'clusterer.v1.bin'])(
  'a registration that keeps nothing for a resume is told all the same (%s)',
  async (subprotocol) => {
    const service = await startService({ CLUSTERER_REPLAY_BYTES: '1' });
    const client = await service.socket([subprotocol]);
    const ul = await client.call('register_module', UL);
    const peer = await connectPeer(service);
    peer.write(packetBytes());
    for (let i = 0; i < 10; i++) peer.write(BURST);
    await client.until(() => client.received(ul).length === 1001);
    expect(client.received(ul).map(([, seq]) => seq)).toEqual(upTo(1001));
  },
);

test('what waits in the socket of a slow consumer stays what it is, though packets of others come and nothing of it is kept', async () => {
  const service = await startService({ CLUSTERER_REPLAY_BYTES: '400000' });
  const slow = await service.socket(['clusterer.v1.bin']);
  await slow.call('register_module', UL);
  const other = await service.socket(['clusterer.v1.bin']);
  await other.call('register_module', { ...UL, module: 'other' });
  const peer = await connectPeer(service);
  slow.socket.pause();
  const payload = (number: number) => Buffer.alloc(5_000, number);
  let sent = 0;
  while (Number((await scrape(service)).clusterer_ws_queue_bytes) < 500_000) {
    peer.write(Buffer.concat(Array.from({ length: 20 }, () => packetBytes({ payload: payload(sent++) }))));
    await arrived(service, 'ul', sent);
  }
  for (let rounds = 1; rounds <= 20; rounds++) {
    peer.write(
      Buffer.concat(Array.from({ length: 100 }, () => packetBytes({ module: 'other', payload: payload(255) }))),
    );
    await arrived(service, 'other', 100 * rounds);
  }
  slow.socket.resume();
  const received = await slow.until(({ packetFrames }) => {
    const packets = packetFrames.flatMap((frame) => frame.packets);
    return packets.length >= sent && packets;
  });
  const wrong = received.findIndex((packet, number) => !packet.subarray(-5_000).equals(payload(number)));
  expect([received.length, wrong]).toEqual([sent, -1]);
});

test.each([30, 0])('a watcher that does not read is closed with 4008 (grace period of %d s)', async (seconds) => {
  const service = await startService({
    CLUSTERER_WS_QUEUE_BYTES: '100000',
    CLUSTERER_REPLAY_SECONDS: String(seconds),
  });
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const client = await service.socket();
  await client.call('watch');
  // Where nothing is kept for a resume, it ends with the socket, which is closed for what an effect of the engine sends.
  await client.call('register_module', UL);
  client.socket.pause();
  const other = await service.socket();
  let closed = false;
  void service.logLine({ code: 4008 }).then(() => {
    closed = true;
  });
  while (!closed) {
    const batch = Array.from({ length: 100 }, (_, j) => {
      return { jsonrpc: '2.0', id: j, method: 'set_state', params: { cluster_id: 1, machine_id: 2, state: j % 2 } };
    });
    const before = other.frames.length;
    other.socket.send(JSON.stringify(batch));
    await other.until(({ frames }) => frames.length > before);
  }
  client.socket.resume();
  expect((await client.closed).code).toBe(4008);
  expect((await service.request('GET', '/modules')).body.modules).toHaveLength(seconds === 0 ? 0 : 1);
  expect(service.logLines.filter(({ level }) => level === 50)).toEqual([]);
});
