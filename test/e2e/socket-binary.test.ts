import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { capturedPackets } from '../fixtures/captures.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { sendToFrame } from '../support/peers/packet-frame.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
const BIN = ['clusterer.v1.bin'];

describe('packets on clusterer.v1.bin', () => {
  it('follow a header of 16 bytes, little-endian, unchanged; packets that arrive together share a frame', async () => {
    // The clock stands still, so that packets of one read have the same instant.
    const service = await startService({}, { clock: new FakeClock() });
    const client = await service.socket(BIN);
    await client.call('register_module', { ...UL, module: 'dialog' });
    await client.call('register_module', UL);
    const odd = packetBytes({ version: 0xabcd_0203, payload: 'odd' });
    odd.writeUInt16LE(0xbeef, 6);
    const packets = [odd, packetBytes({ packetType: -1 }), packetBytes({ payload: Buffer.alloc(100, 7) })];
    const frame = once(client.socket, 'message');
    (await connectPeer(service)).write(Buffer.concat(packets));
    const [bytes, isBinary] = await frame;
    const header = '01 00 0300 02000000 0100000000000000'.replaceAll(' ', '');
    expect([bytes.toString('hex'), isBinary]).toEqual([header + Buffer.concat(packets).toString('hex'), true]);
  });

  it('are those of OpenSIPS 2.2, byte by byte, however the stream is split', async () => {
    const service = await startService();
    const [client, other] = [await service.socket(BIN), await service.socket(BIN)];
    const ul = await client.call('register_module', UL);
    const ratelimit = await client.call('register_module', { ...UL, module: 'ratelimit' });
    const again = await other.call('register_module', UL);
    const packets = capturedPackets('22-basic.hex');
    const peer = await connectPeer(service);
    const stream = Buffer.concat(packets);
    for (let at = 0; at < stream.length; at += 100) {
      await new Promise((sent) => peer.write(stream.subarray(at, at + 100), sent));
    }
    const of = (name: string) => packets.filter((packet) => packet.toString('latin1', 16, 16 + name.length) === name);
    expect([of('ul').length, of('ratelimit').length].every((count) => count > 0)).toBe(true);
    await client.until(() => client.received(ratelimit).length === of('ratelimit').length);
    await other.until(() => other.received(again).length === of('ul').length);
    for (const [receiver, { number }, name] of [
      [client, ul, 'ul'],
      [client, ratelimit, 'ratelimit'],
      [other, again, 'ul'],
    ] as const) {
      const frames = receiver.packetFrames.filter((frame) => frame.number === number);
      expect(frames.flatMap((frame) => frame.packets)).toEqual(of(name));
    }
  });

  it('share one sequence with the other notifications, which are text', async () => {
    const clock = new FakeClock();
    const service = await startService({}, { clock });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await service.socket(BIN);
    const ul = await client.call('register_module', { ...UL, timeout: 1 });
    const peer = await connectPeer(service);
    const send = async (expected: number) => {
      peer.write(packetBytes());
      await client.until(() => client.received(ul).length === expected);
    };
    await send(1);
    clock.advance(1001);
    await send(3);
    clock.advance(2000);
    await send(5);
    await send(6);
    expect(client.received(ul)).toEqual([
      ['packet', 1],
      ['timeout', 2],
      ['temp_disabled', 3],
      ['up', 4],
      ['packet', 5],
      ['packet', 6],
    ]);
  });
});

/** Machine 2 of cluster 1; `received` resolves with what it receives. */
async function withMachine(environment = {}): Promise<{ service: TestService; received: () => Promise<Buffer> }> {
  const machine = createServer().listen(0, '127.0.0.1');
  await once(machine, 'listening');
  const connected = once(machine, 'connection') as Promise<[Socket]>;
  const service = await startService(environment);
  await service.provision(1, 2, `bin:127.0.0.1:${(machine.address() as AddressInfo).port}`);
  const received = async () => {
    const [socket] = await connected;
    machine.close();
    const [bytes] = await once(socket, 'data');
    socket.destroy();
    return bytes as Buffer;
  };
  return { service, received };
}

describe('a binary send_to', () => {
  it('is sent with the server id as the sender, and gets a text answer with its id', async () => {
    const { service, received } = await withMachine();
    const client = await service.socket(BIN);
    const fields = { module: 'ul', packetType: 9, payload: Buffer.of(1, 2, 3) };
    const packet = packetBytes({ ...fields, machineId: 77, version: 0xffff_0002 });
    packet.writeUInt16LE(0xbeef, 6);
    const before = client.frames.length;
    client.socket.send(sendToFrame(4_000_000_000, 1, packet));
    expect(await received()).toEqual(packetBytes({ ...fields, machineId: 0, version: 2 }));
    await client.until(({ frames }) => frames.length > before);
    expect(client.frames.slice(before)).toEqual([
      { jsonrpc: '2.0', id: 4_000_000_000, result: { results: [{ machine_id: 2, sent: true }] } },
    ]);
  });

  const answerTo = async (service: TestService, frame: Buffer) => {
    const client = await service.socket(BIN);
    client.socket.send(frame);
    const answer = await client.until(({ frames }) => frames[1]);
    expect(await client.call('ping')).toBe('pong');
    return answer;
  };

  it.each([
    ['no packet', sendToFrame(5, 1, Buffer.alloc(0)), ''],
    ['half a packet', sendToFrame(5, 1, packetBytes().subarray(0, -1)), ''],
    ['more than a packet', sendToFrame(5, 1, Buffer.concat([packetBytes(), Buffer.of(0)])), ''],
    ['a packet without a marker', sendToFrame(5, 1, Buffer.from(packetBytes()).fill('X', 0, 4)), ''],
    [
      'a packet without a machine id',
      sendToFrame(5, 1, Buffer.from('5034434b1600000001000000020000007572000000', 'hex')),
      '',
    ],
    ['cluster 0', sendToFrame(5, 0, packetBytes()), '/cluster_id'],
    ['a cluster id that is too large', sendToFrame(5, 0x8000_0000, packetBytes()), '/cluster_id'],
  ])('with %s gets an error with its id, and the socket stays open', async (_, frame, pointer) => {
    expect(await answerTo(await startService(), frame)).toMatchObject({
      id: 5,
      error: { code: -32602, data: { errors: [{ pointer, detail: expect.any(String) }] } },
    });
  });

  it.each([
    ['empty', ''],
    ['half a header', '020000000500000001000000'],
    ['another kind', '01000000050000000100000000000000'],
  ])('that is %s gets the answer of an invalid request', async (_, hex) => {
    expect(await answerTo(await startService(), Buffer.from(hex, 'hex'))).toMatchObject({
      id: null,
      error: { code: -32600 },
    });
  });

  const misnamed = packetBytes({ module: 'ul' });
  misnamed.write('\xff\xfe', 16, 'latin1');
  it.each([
    ['empty', packetBytes({ module: '' })],
    ['longer than REST allows', packetBytes({ module: 'x'.repeat(300) })],
    ['invalid UTF-8', misnamed],
  ])('for a module whose name is %s is refused, as in REST', async (_, packet) => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:9');
    expect(await answerTo(service, sendToFrame(5, 1, packet))).toMatchObject({
      id: 5,
      error: { code: 400, data: { code: 'invalid_input', errors: [{ pointer: '/module' }] } },
    });
    const body = '{"module":"\\ud800","packet_type":1}';
    expect(await service.request('POST', '/clusters/1/packets', body)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/module', detail: 'must be text without a lone surrogate' }] },
    });
  });

  it('to an unknown cluster gets the error 404', async () => {
    const error = { code: 404, data: { code: 'unknown_cluster' } };
    expect(await answerTo(await startService(), sendToFrame(5, 9, packetBytes()))).toMatchObject({ id: 5, error });
  });

  it('requires a token with the role module', async () => {
    const sha256 = createHash('sha256').update('r').digest('hex');
    const service = await startService({ CLUSTERER_TOKENS: `eye:read:${sha256}` });
    const client = await service.socket(BIN, { authorization: 'Bearer r' });
    client.socket.send(sendToFrame(5, 1, packetBytes()));
    expect(await client.until(({ frames }) => frames[1])).toMatchObject({
      id: 5,
      error: { code: 403, data: { code: 'forbidden', detail: expect.stringContaining('module') } },
    });
  });
});
