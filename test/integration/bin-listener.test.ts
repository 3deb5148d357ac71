import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { BinFault } from '../../src/bin/in/fault-counts.js';
import type { ListenerOptions } from '../../src/bin/in/listener.js';
import { networks } from '../../src/config/parsers.js';
import { capturedPackets } from '../fixtures/captures.js';
import { packets24 } from '../fixtures/packets-24.js';
import { numberedFrame, startListener } from './bin-peers.js';

const TOO_SHORT = Buffer.from('5034434b1600000001000000060000006469616c6f67', 'hex');

const cleanups: (() => Promise<void>)[] = [];

async function start(options: Partial<ListenerOptions> = {}, refused: BinFault | null = null) {
  const started = await startListener(options, refused);
  const clients: Socket[] = [];
  cleanups.push(async () => {
    for (const client of clients) client.destroy();
    await started.listener.close();
  });
  const connect = async (localAddress?: string) => {
    const client = await started.connect(localAddress);
    clients.push(client);
    return client;
  };
  return { ...started, connect };
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('the BIN listener: packets', () => {
  it('delivers a thousand packets that arrive in one write, in order, with their source', async () => {
    const { packets, connect } = await start();
    const client = await connect('127.0.0.7');
    client.write(Buffer.concat(Array.from({ length: 1000 }, (_, i) => numberedFrame(i))));
    const received = await packets.atLeast(1000);
    expect(received.map((packet) => packet.packetType)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(received[999]).toMatchObject({
      module: 'ul',
      machineId: 1,
      protocol: 'bin',
      source: { ip: '127.0.0.7', port: client.localPort },
    });
  });

  it('delivers captured packets that arrive byte by byte', async () => {
    const { packets, connect } = await start();
    const client = await connect();
    const expected = capturedPackets('22-basic.hex');
    for (const byte of Buffer.concat(expected)) {
      await new Promise<void>((resolve) => client.write(Buffer.of(byte), () => resolve()));
    }
    const received = await packets.atLeast(6);
    expect(received.map((packet) => packet.frame)).toEqual(expected);
  });

  it('delivers a packet with garbage in the unused bytes of length and version', async () => {
    const { packets, connect } = await start();
    (await connect()).write(Buffer.from('5034434b1a00adde0100adde02000000756c0300000002000000', 'hex'));
    const [packet] = await packets.atLeast(1);
    expect(packet).toMatchObject({ module: 'ul', packetType: 3, version: 1, machineId: 2 });
  });

  it('delivers captured packets of dialect 2.4, beside a connection of dialect 2.2', async () => {
    const { packets, connect } = await start();
    const [later, older] = [await connect('127.0.0.3'), await connect('127.0.0.2')];
    const [first = Buffer.alloc(0), ...others] = packets24().map(({ frame }) => frame);
    later.write(first);
    await packets.atLeast(1);
    older.write(numberedFrame(1));
    await packets.atLeast(2);
    for (const frame of others) {
      later.write(frame);
      await packets.atLeast(packets.items.length + 1);
    }
    expect(packets.items.map(({ dialect }) => dialect)).toEqual(['2.4', '2.2', ...others.map(() => '2.4')]);
    expect(packets.items.filter(({ dialect }) => dialect === '2.4').map(({ frame }) => frame)).toEqual([
      first,
      ...others,
    ]);
    expect(new Set(packets.items.map(({ connection }) => connection)).size).toBe(2);
    expect(packets.items.every(({ url }) => url === null)).toBe(true);
  });

  it('can be answered on their connection', async () => {
    const { packets, connect, connections } = await start();
    const client = await connect();
    client.write(numberedFrame(1));
    const [packet] = await packets.atLeast(1);
    connections.reply(packet?.connection ?? 0, numberedFrame(2));
    const [answer] = await once(client, 'data');
    expect(answer).toEqual(numberedFrame(2));
  });

  it('delivers packets over IPv6', async () => {
    const { packets, connect } = await start({ host: '::1' });
    (await connect()).write(numberedFrame(1));
    const [packet] = await packets.atLeast(1);
    expect(packet?.source.ip).toBe('::1');
  });

  it('shows an IPv4 source as an IPv4 address when it listens on both families', async () => {
    const { packets, port, listener } = await start({ host: '::', allow: networks('127.0.0.0/8') });
    const client = createConnection({ host: '127.0.0.1', port });
    client.write(numberedFrame(1));
    const [packet] = await packets.atLeast(1);
    expect(packet?.source.ip).toBe('127.0.0.1');
    expect(listener.counts.not_allowed).toBe(0);
    client.destroy();
  });
});

describe('the BIN listener: faults', () => {
  test.each([
    ['bad_marker', '474554202f20485454502f312e310d0a0d0a'],
    ['bad_length', '5034434b0000000001000000'],
    ['bad_name_length', '5034434b1600000001000000ffffffff'],
    ['other_dialect', '5034434b2e00000001001200636c757374657265722d696e7465726e616c'],
  ] as const)('closes a connection for %s, counts and logs it, and keeps the others', async (fault, hex) => {
    const { listener, packets, lines, connect } = await start();
    const other = await connect();
    const client = await connect();
    client.write(Buffer.concat([numberedFrame(1), Buffer.from(hex, 'hex')]));
    await once(client, 'close');
    other.write(numberedFrame(2));
    const received = await packets.atLeast(2);
    expect(received.map((packet) => packet.packetType)).toEqual([1, 2]);
    expect(listener.counts[fault]).toBe(1);
    expect(lines.items).toMatchObject([
      { level: 'warn', fields: { fault, count: 1, source: expect.stringMatching(/^127\.0\.0\.1:\d+$/) } },
    ]);
  });

  it('counts packets that are refused, with the release that they look like, and keeps the connection', async () => {
    const { listener, packets, lines, connect } = await start({}, 'other_dialect');
    const client = await connect();
    for (let i = 1; i <= 2; i++) {
      client.write(numberedFrame(i));
      await packets.atLeast(i);
    }
    expect(listener.counts.other_dialect).toBe(2);
    expect(lines.items).toMatchObject([{ fields: { fault: 'other_dialect', reason: 'OpenSIPS 2.2' } }]);
    expect(listener.connections).toBe(1);
  });

  it('drops and counts a packet too short for a machine id, and keeps the connection', async () => {
    const { listener, packets, connect } = await start();
    (await connect()).write(Buffer.concat([TOO_SHORT, numberedFrame(5)]));
    const received = await packets.atLeast(1);
    expect(received.map((packet) => packet.packetType)).toEqual([5]);
    expect(listener.counts.too_short).toBe(1);
    expect(listener.connections).toBe(1);
  });

  it('closes a connection whose frame stays incomplete for too long, although bytes arrive', async () => {
    const { listener, connect } = await start({ frameTimeoutMs: 60 });
    const client = await connect();
    const longest = Buffer.alloc(65_535);
    Buffer.from('5034434bffff00000100000002000000756c', 'hex').copy(longest);
    client.write(longest.subarray(0, 20));
    const drip = setInterval(() => client.write('x'), 5);
    // A byte that arrives after the close may reset the connection.
    await new Promise((resolve) => client.once('close', resolve));
    clearInterval(drip);
    expect(listener.counts.frame_timeout).toBe(1);
    expect(listener.counts.ended_in_frame).toBe(0);
  });

  it.each([
    ['ends', (client: Socket) => client.end()],
    ['is reset', (client: Socket) => client.resetAndDestroy()],
  ])('counts a connection that %s in the middle of a frame', async (_, finish) => {
    const { listener, packets, lines, connect } = await start();
    const client = await connect();
    client.write(Buffer.concat([numberedFrame(1), numberedFrame(2).subarray(0, 9)]));
    await packets.atLeast(1);
    finish(client);
    await lines.atLeast(1);
    expect(listener.counts.ended_in_frame).toBe(1);
    expect(packets.items).toHaveLength(1);
  });

  it('refuses packets of OpenSIPS 2.3, names it in the log, and closes the connection', async () => {
    const { lines, connect, listener } = await start();
    const client = await connect();
    client.write(Buffer.from('5034434b1e00000001000200756c0300', 'hex'));
    await once(client, 'close');
    const [line] = await lines.atLeast(1);
    expect(line?.fields).toMatchObject({ fault: 'other_dialect', reason: 'OpenSIPS 2.3' });
    expect(line?.message).toContain('2.3 is not supported');
    expect(listener.counts.other_dialect).toBe(1);
  });

  it('does not count a connect and close as a fault', async () => {
    const { listener, packets, connect } = await start();
    const probe = await connect();
    probe.end();
    await once(probe, 'close');
    (await connect()).write(numberedFrame(1));
    await packets.atLeast(1);
    expect(Object.values(listener.counts).every((count) => count === 0)).toBe(true);
  });

  it('closes an idle connection after the idle time-out', async () => {
    const { listener, connect } = await start({ idleTimeoutMs: 30 });
    await once(await connect(), 'close');
    expect(listener.counts.idle_timeout).toBe(1);
  });
});

describe('the BIN listener: admission', () => {
  it('refuses sources outside the allowed networks', async () => {
    const { listener, packets, connect } = await start({ allow: networks('127.0.1.0/24, 127.0.2.1') });
    await once(await connect('127.0.0.1'), 'close');
    await once(await connect('127.0.2.2'), 'close');
    (await connect('127.0.1.9')).write(numberedFrame(1));
    (await connect('127.0.2.1')).write(numberedFrame(2));
    await packets.atLeast(2);
    expect(listener.counts.not_allowed).toBe(2);
    expect(listener.connections).toBe(2);
  });

  it('refuses connections beyond the limit of one source, until one of them ends', async () => {
    const { listener, packets, connect } = await start({ maxConnectionsPerSource: 1 });
    const first = await connect('127.0.0.2');
    first.write(numberedFrame(1));
    await packets.atLeast(1);
    await once(await connect('127.0.0.2'), 'close');
    (await connect('127.0.0.3')).write(numberedFrame(2));
    await packets.atLeast(2);
    first.end();
    await once(first, 'close');
    (await connect('127.0.0.2')).write(numberedFrame(3));
    await packets.atLeast(3);
    expect(listener.counts.too_many_from_source).toBe(1);
  });

  it('refuses connections beyond the total limit', async () => {
    const { listener, packets, lines, connect } = await start({ maxConnections: 2 });
    (await connect('127.0.0.2')).write(numberedFrame(1));
    (await connect('127.0.0.3')).write(numberedFrame(2));
    await packets.atLeast(2);
    await once(await connect('127.0.0.4'), 'close');
    expect(listener.counts.too_many_connections).toBe(1);
    expect(lines.items).toMatchObject([{ fields: { fault: 'too_many_connections' } }]);
  });
});

describe('the BIN listener: start and stop', () => {
  it('names the variables when the address is in use', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(
      `The BIN listener cannot use 127.0.0.1:${port} (CLUSTERER_BIN_HOST, CLUSTERER_BIN_PORT)`,
    );
  });

  it('closes its connections and stops accepting on close', async () => {
    const { listener, packets, connect, lines } = await start();
    const client = await connect();
    client.write(Buffer.concat([numberedFrame(1), numberedFrame(2).subarray(0, 5)]));
    await packets.atLeast(1);
    const closed = once(client, 'close');
    await listener.close();
    await closed;
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(listener.connections).toBe(0);
    expect(lines.items).toEqual([]);
  });
});
