import { once } from 'node:events';
import { createConnection, Socket } from 'node:net';
import { Answers } from '../../src/bin/in/answers.js';
import { Connections } from '../../src/bin/link/connections.js';
import type { ReceivedRun } from '../../src/wire/frame-run.js';
import { packets24 } from '../fixtures/packets-24.js';
import { framesOf } from '../support/peers/runs.js';
import { Recorded, recordingLog, startPeer } from './bin-peers.js';

const [{ frame: PACKET } = { frame: Buffer.alloc(0) }] = packets24();

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A connection that this service opened to a machine, and what comes back on it. */
async function start({ ip = '127.0.0.1', refused = null as 'bad_message' | null } = {}) {
  const accepted = new Recorded<Socket>();
  const { server, port } = await startPeer(ip, (socket) => accepted.add(socket));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const socket = createConnection({ host: ip, port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const [machine] = (await accepted.atLeast(1)) as [Socket];
  cleanups.push(() => machine.destroy());
  cleanups.push(() => socket.destroy());
  const { log, lines } = recordingLog();
  const connections = new Connections();
  const packets = new Recorded<Pick<ReceivedRun, 'protocol' | 'source' | 'connection' | 'url'> & { frame: Buffer }>();
  const run = (received: ReceivedRun) => {
    const { protocol, source, connection, url } = received;
    for (const frame of framesOf(received)) packets.add({ frame, protocol, source, connection, url });
    return refused;
  };
  const answers = new Answers(connections, { frameTimeoutMs: 60_000 }, run, log);
  answers.read(socket, { clusterId: 1, machineId: 2, protocol: 'bin', host: ip, port });
  return { machine, socket, packets, connections, lines, port };
}

describe('the answers on a connection that this service opened', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ])('are packets of the machine at %s, and name its url', async (ip, host) => {
    const { machine, packets, port } = await start({ ip });
    machine.write(PACKET.subarray(0, 20));
    machine.write(Buffer.concat([PACKET.subarray(20), PACKET]));
    const url = `bin:${host}:${port}`;
    const packet = { frame: PACKET, protocol: 'bin', source: { ip, port }, connection: 1, url };
    expect(await packets.atLeast(2)).toEqual([packet, packet]);
  });

  it('can be answered in turn', async () => {
    const { machine, packets, connections } = await start();
    machine.write(PACKET);
    const [packet] = await packets.atLeast(1);
    connections.reply(packet?.connection ?? 0, Buffer.from('answer'));
    expect(String((await once(machine, 'data'))[0])).toBe('answer');
  });

  it('that are no packets end the connection, and the log says whose', async () => {
    const { machine, socket, lines, port } = await start();
    const closed = once(socket, 'close');
    machine.write('GET / HTTP/1.1\r\n');
    await closed;
    const fields = { cluster_id: 1, url: `bin:127.0.0.1:${port}`, fault: 'bad_marker' };
    expect(lines.items).toMatchObject([{ level: 'debug', fields }]);
  });

  it('that are refused are logged, and the connection stays', async () => {
    const { machine, socket, packets, lines } = await start({ refused: 'bad_message' });
    machine.write(PACKET);
    await packets.atLeast(1);
    expect(lines.items).toMatchObject([{ level: 'debug', fields: { fault: 'bad_message' } }]);
    expect(socket.destroyed).toBe(false);
  });

  it('are not read from a connection that is reset already', () => {
    const reset = new Socket();
    const answers = new Answers(new Connections(), { frameTimeoutMs: 60_000 }, () => null, recordingLog().log);
    answers.read(reset, { clusterId: 1, machineId: 2, protocol: 'bin', host: '127.0.0.1', port: 1 });
    expect(reset.listenerCount('data')).toBe(0);
  });
});

describe('the connections', () => {
  it('have numbers that are never used again', async () => {
    const { socket, connections } = await start();
    expect(connections.add(socket)).toBe(2);
    socket.destroy();
    await once(socket, 'close');
    expect(connections.add(new Socket())).toBe(3);
  });

  it('ignore an answer on a connection that is closed or unknown', async () => {
    const { socket, connections } = await start();
    socket.destroy();
    await once(socket, 'close');
    expect(() => connections.reply(1, PACKET)).not.toThrow();
    expect(() => connections.reply(99, PACKET)).not.toThrow();
  });

  it('keep at most 64 KiB of answers for a peer that does not read', async () => {
    const { machine, socket, connections } = await start();
    machine.pause();
    const frame = Buffer.alloc(2 ** 14);
    // More than the kernel buffers between two sockets.
    for (let i = 0; i < 2_000; i++) {
      connections.reply(1, frame);
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(socket.writableLength).toBeLessThanOrEqual(2 ** 16);
  });
});
