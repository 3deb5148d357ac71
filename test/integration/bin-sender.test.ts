import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Acknowledgements } from '../../src/bin/out/acknowledgements.js';
import { BinSender, type SenderOptions } from '../../src/bin/out/sender.js';
import { OutgoingTls } from '../../src/bin/out/tls.js';
import type { Resolution, Resolver } from '../../src/service/ports/resolver.js';
import type { SendError } from '../../src/service/ports/sender.js';
import { frameParser, headOf } from '../support/peers/runs.js';
import { fullPort, numberedFrame, Recorded, recordingLog, startPeer } from './bin-peers.js';

/** More than the kernel buffers between two sockets: it stays partly written while the peer does not read. */
const HUGE = Buffer.alloc(32 * 1024 * 1024, 'x');

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const MACHINE_2 = { clusterId: 1, machineId: 2, protocol: 'bin', host: '127.0.0.1', ip: '127.0.0.1' };

const NOT_FOUND: Resolution = { ips: [], fault: 'ENOTFOUND' };

const OPTIONS: SenderOptions = {
  acknowledgements: new Acknowledgements(recordingLog().log),
  tls: new OutgoingTls(() => ({}), recordingLog().log),
  localAddress: null,
  connectTimeoutMs: 10_000,
  writeTimeoutMs: 10_000,
  queueBytes: 128 * 1024 * 1024,
  mayWrite: () => true,
  opened: () => {},
};

function startSender(options: Partial<SenderOptions> = {}, resolve: Resolver['resolve'] = async () => NOT_FOUND) {
  const events = new Recorded<string>();
  const sender = new BinSender(
    { ...OPTIONS, ...options },
    { resolve },
    {
      failed: (c, m, attempt) => events.add(`${c}/${m} failed ${attempt}`),
      succeeded: (c, m, attempt) => events.add(`${c}/${m} succeeded ${attempt}`),
      resolved: (c, m, host, { ips, fault }) => events.add(`${c}/${m} ${host} is ${fault ?? ips.join(' and ')}`),
    },
  );
  cleanups.push(async () => {
    sender.disconnect(1, 2);
    await sender.close();
  });
  /** Sends to machine 2 of cluster 1. */
  const send = (
    to: { host?: string; port: number; ip?: string | null },
    attempt: number,
    frame: Buffer = numberedFrame(attempt),
  ) =>
    new Promise<SendError | null>((done) => {
      sender.send({ ...MACHINE_2, attempt, ...to }, frame, done);
    });
  return { sender, events, send };
}

/** A peer that reads: its connections, and the types of its packets as `connection:type`. */
async function startReader(host = '127.0.0.1') {
  const connections = new Recorded<Socket>();
  const arrived = new Recorded<string>();
  const { server, port } = await startPeer(host, (socket) => {
    connections.add(socket);
    const number = connections.items.length;
    const parser = frameParser((frame) => arrived.add(`${number}:${headOf(frame).packetType}`));
    socket.on('data', (chunk) => parser.push(chunk));
  });
  const stop = async () => {
    for (const socket of connections.items) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  cleanups.push(stop);
  return { port, connections, arrived, stop };
}

/** A peer with its own handler for each connection; the first has number 1. */
async function startOddPeer(onSocket: (socket: Socket, number: number) => void) {
  const sockets: Socket[] = [];
  const { server, port } = await startPeer('127.0.0.1', (socket) => {
    sockets.push(socket);
    onSocket(socket, sockets.length);
  });
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port };
}

async function closedPort(): Promise<number> {
  const { port, stop } = await startReader();
  await stop();
  return port;
}

describe('the BIN sender: a machine that listens', () => {
  it('writes an urgent frame before the next socket is read, and others after', async () => {
    const { port, arrived } = await startReader();
    const { sender, send } = startSender();
    await send({ port }, 1);
    const target = { ...MACHINE_2, port, attempt: 2 };
    const written: string[] = [];
    const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
    sender.send(target, numberedFrame(2), () => written.push('urgent'), true);
    await nextTurn();
    expect(written).toEqual(['urgent']);
    sender.send(target, numberedFrame(3), () => written.push('other'));
    await nextTurn();
    expect(written).toEqual(['urgent']);
    await arrived.atLeast(3);
    expect(written).toEqual(['urgent', 'other']);
  });

  it('gets frames in order over one kept connection', async () => {
    const { port, connections, arrived } = await startReader();
    const { events, send } = startSender();
    expect(await Promise.all([send({ port }, 1), send({ port }, 2)])).toEqual([null, null]);
    expect(await send({ port }, 3)).toBeNull();
    expect(await arrived.atLeast(3)).toEqual(['1:1', '1:2', '1:3']);
    expect(connections.items).toHaveLength(1);
    expect(events.items).toEqual(['1/2 succeeded 1', '1/2 succeeded 2', '1/2 succeeded 3']);
  });

  it('gets thousands of waiting frames, once each and in order', async () => {
    const { port, arrived } = await startReader();
    const { send } = startSender();
    const outcomes = await Promise.all(Array.from({ length: 5000 }, (_, i) => send({ port }, i)));
    expect(outcomes.every((outcome) => outcome === null)).toBe(true);
    expect(await arrived.atLeast(5000)).toEqual(Array.from({ length: 5000 }, (_, i) => `1:${i}`));
  });

  it('has no outcome within the call of send', async () => {
    const { port } = await startReader();
    const { sender } = startSender({ queueBytes: 30 });
    const order: string[] = [];
    const target = { ...MACHINE_2, port, attempt: 1 };
    await new Promise<void>((resolve) => {
      sender.send(target, numberedFrame(1), () => resolve());
      sender.send(target, numberedFrame(2), (error) => order.push(`done ${error}`));
      order.push('returned');
    });
    expect(order).toEqual(['returned', 'done queue_full']);
  });

  it('gets frames that are sent from a callback of another frame', async () => {
    const { port, arrived } = await startReader();
    const { send } = startSender();
    await send({ port }, 1).then(() => send({ port }, 2));
    expect(await arrived.atLeast(2)).toEqual(['1:1', '1:2']);
  });

  it('is reached over IPv6', async () => {
    const { port, arrived } = await startReader('::1');
    const { send } = startSender({ localAddress: '::1' });
    expect(await send({ host: '::1', port }, 1)).toBeNull();
    expect(await arrived.atLeast(1)).toEqual(['1:1']);
  });

  test.each([
    ['127.0.0.9', '127.0.0.9'],
    [null, '127.0.0.1'],
  ])('sees connections bound to %s come from %s', async (localAddress, seen) => {
    const { port, connections } = await startReader();
    const { send } = startSender({ localAddress });
    await send({ port }, 1);
    const [socket] = await connections.atLeast(1);
    expect(socket?.remoteAddress).toBe(seen);
  });

  it('may send data back, which is discarded', async () => {
    const { port, connections, arrived } = await startReader();
    const { send } = startSender();
    await send({ port }, 1);
    const [socket] = await connections.atLeast(1);
    await new Promise((resolve) => socket?.write(HUGE, resolve));
    expect(await send({ port }, 2)).toBeNull();
    expect(await arrived.atLeast(2)).toEqual(['1:1', '1:2']);
  });

  it('is no longer used when the target has another address', async () => {
    const before = await startReader();
    const after = await startReader();
    const { send } = startSender();
    await send({ port: before.port }, 1);
    await before.arrived.atLeast(1);
    expect(await send({ port: after.port }, 2)).toBeNull();
    expect(await after.arrived.atLeast(1)).toEqual(['1:2']);
    expect(before.arrived.items).toEqual(['1:1']);
  });
});

describe('the BIN sender: a machine that cannot be reached', () => {
  it('counts one failed attempt for ten frames that waited for a refused connection', async () => {
    const port = await closedPort();
    const { events, send } = startSender();
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => send({ port }, 40 + i)));
    expect(outcomes).toEqual(Array(10).fill('refused'));
    expect(events.items).toEqual(['1/2 failed 40']);
  });

  it('tries again at the next send', async () => {
    const port = await closedPort();
    const { events, send } = startSender();
    expect(await send({ port }, 1)).toBe('refused');
    expect(await send({ port }, 2)).toBe('refused');
    expect(events.items).toEqual(['1/2 failed 1', '1/2 failed 2']);
  });

  it('counts one failed attempt when nobody accepts in time', async () => {
    const { port, release } = await fullPort();
    cleanups.push(release);
    const { events, send } = startSender({ connectTimeoutMs: 50 });
    expect(await Promise.all([send({ port }, 1), send({ port }, 2)])).toEqual(['timeout', 'timeout']);
    expect(events.items).toEqual(['1/2 failed 1']);
  });

  test.each([
    ['of another family', '127.0.0.1', '::1'],
    ['not of this host', '192.0.2.1', '127.0.0.1'],
  ])('counts no attempt when our address is %s', async (_, localAddress, host) => {
    const { port } = await startReader(host);
    const { events, send } = startSender({ localAddress });
    expect(await Promise.all([send({ host, port }, 1), send({ host, port }, 2)])).toEqual(
      Array(2).fill('address_unusable'),
    );
    expect(events.items).toEqual([]);
  });

  it('counts a failed attempt for every frame to a host without an address, and does not look it up', async () => {
    const asked: string[] = [];
    const { events, send } = startSender({}, async (host) => {
      asked.push(host);
      return NOT_FOUND;
    });
    const to = { host: 'sip1.example', ip: null, port: 5555 };
    expect(await Promise.all([send(to, 1), send(to, 2)])).toEqual(['unresolved', 'unresolved']);
    expect(events.items).toEqual(['1/2 failed 1', '1/2 failed 2']);
    expect(asked).toEqual([]);
  });

  it('counts a failed attempt for every frame to a host that has lost its address', async () => {
    const { events, send } = startSender();
    const to = { host: 'sip1.example', port: 5555 };
    expect(await Promise.all([send(to, 1), send(to, 2)])).toEqual(['unresolved', 'unresolved']);
    expect(events.items).toEqual(['1/2 sip1.example is ENOTFOUND', '1/2 failed 1', '1/2 failed 2']);
  });

  it('gets packets at its known address while a look-up is slow, whose result is reported later', async () => {
    const { port, arrived } = await startReader();
    let answer: (found: Resolution) => void = () => {};
    const { events, send } = startSender({}, () => new Promise((resolve) => (answer = resolve)));
    expect(await send({ host: 'sip1.example', port }, 1)).toBeNull();
    expect(await arrived.atLeast(1)).toEqual(['1:1']);
    answer({ ips: ['127.0.0.3', '127.0.0.4'], fault: null });
    expect(await events.atLeast(2)).toEqual(['1/2 succeeded 1', '1/2 sip1.example is 127.0.0.3 and 127.0.0.4']);
  });

  it('gets packets at its known address while no name server answers', async () => {
    const { port, arrived } = await startReader();
    const { events, send } = startSender({}, async () => ({ ips: [], fault: 'EAI_AGAIN' }));
    expect(await send({ host: 'sip1.example', port }, 1)).toBeNull();
    expect(await arrived.atLeast(1)).toEqual(['1:1']);
    expect(events.items).toEqual(['1/2 sip1.example is EAI_AGAIN', '1/2 succeeded 1']);
  });

  it('has its host looked up before each new connection', async () => {
    const { port, connections, arrived } = await startReader();
    const { events, send } = startSender({}, async () => ({ ips: ['127.0.0.1'], fault: null }));
    const to = { host: 'sip1.example', port, ip: '127.0.0.9' };
    await Promise.all([send(to, 1), send(to, 2)]);
    await arrived.atLeast(2);
    const [socket] = await connections.atLeast(1);
    socket?.destroy();
    await send(to, 3);
    expect(await arrived.atLeast(3)).toEqual(['1:1', '1:2', '2:3']);
    expect(events.items.filter((event) => event === '1/2 sip1.example is 127.0.0.1')).toHaveLength(2);
  });

  it('names the variable when the source address is not an address', () => {
    expect(() => startSender({ localAddress: 'localhost' })).toThrow('CLUSTERER_BIN_HOST');
  });
});

describe('the BIN sender: a kept connection that ends', () => {
  test.each([
    ['closed', (socket: Socket) => socket.destroy()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('reconnects without a failed attempt when the peer has just %s it', async (_, finish) => {
    const { port, connections, arrived } = await startReader();
    const { events, send } = startSender();
    await send({ port }, 1);
    await arrived.atLeast(1);
    for (const socket of connections.items) finish(socket);
    expect(await send({ port }, 2)).toBeNull();
    expect(await arrived.atLeast(2)).toEqual(['1:1', '2:2']);
    expect(events.items).toEqual(['1/2 succeeded 1', '1/2 succeeded 2']);
  });

  it('drops a connection that the peer closed, and connects at the next send', async () => {
    const { port, connections, arrived } = await startReader();
    const { events, send } = startSender();
    await send({ port }, 1);
    const [socket] = await connections.atLeast(1);
    socket?.end();
    if (socket) await once(socket, 'close');
    expect(await send({ port }, 2)).toBeNull();
    expect(await arrived.atLeast(2)).toEqual(['1:1', '2:2']);
    expect(events.items).toEqual(['1/2 succeeded 1', '1/2 succeeded 2']);
  });

  /** Connects, then lets the peer reset between two frames that are written in the same turn: frames 2 and 3. */
  async function resetBetweenFrames(peer: Awaited<ReturnType<typeof startReader>>, onReset: () => void) {
    const { sender, events, send } = startSender();
    const { port } = peer;
    await send({ port }, 1);
    await peer.arrived.atLeast(1);
    sender.send(
      { clusterId: 1, machineId: 2, protocol: 'bin', host: '127.0.0.1', ip: '127.0.0.1', port, attempt: 2 },
      numberedFrame(2),
      () => {
        for (const socket of peer.connections.items) socket.resetAndDestroy();
        onReset();
      },
    );
    return { events, outcomes: await Promise.all([send({ port }, 3), send({ port }, 4)]) };
  }

  it('sends frames that the kernel did not accept over a new connection, without a failed attempt', async () => {
    const peer = await startReader();
    const { events, outcomes } = await resetBetweenFrames(peer, () => {});
    expect(outcomes).toEqual([null, null]);
    expect((await peer.arrived.atLeast(3)).slice(-2)).toEqual(['2:3', '2:4']);
    expect(events.items.filter((event) => event.includes('failed'))).toEqual([]);
  });

  it('counts one failed attempt when that new connection is refused', async () => {
    const peer = await startReader();
    const { events, outcomes } = await resetBetweenFrames(peer, () => void peer.stop());
    expect(outcomes).toEqual(['refused', 'refused']);
    expect(events.items).toEqual(['1/2 succeeded 1', '1/2 succeeded 2', '1/2 failed 3']);
  });

  it('never repeats a partly written frame, and moves the frames after it to a new connection', async () => {
    const received = new Recorded<Buffer>();
    const { port } = await startOddPeer((socket, number) => {
      if (number === 1) socket.once('data', () => socket.resetAndDestroy());
      else socket.on('data', (chunk) => received.add(chunk));
    });
    const { events, send } = startSender();
    expect(await Promise.all([send({ port }, 1, HUGE), send({ port }, 2)])).toEqual(['reset', null]);
    expect(Buffer.concat(await received.atLeast(1))).toEqual(numberedFrame(2));
    expect(events.items).toEqual(['1/2 failed 1', '1/2 succeeded 2']);
  });

  it('moves a waiting frame only once', async () => {
    const { port } = await startOddPeer((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const { events, send } = startSender();
    expect(await Promise.all([send({ port }, 1, HUGE), send({ port }, 2, HUGE), send({ port }, 3)])).toEqual(
      Array(3).fill('reset'),
    );
    expect(events.items).toEqual(['1/2 failed 1', '1/2 failed 2']);
  });
});

describe('the BIN sender: a machine that does not read', () => {
  it('counts one failed attempt when the kernel accepts no more, and closes the connection', async () => {
    const closed = new Recorded<null>();
    const { port } = await startOddPeer((socket) => {
      socket.pause();
      socket.on('close', () => closed.add(null));
      cleanups.push(async () => socket.resume());
    });
    const { events, send } = startSender({ writeTimeoutMs: 30 });
    expect(await Promise.all([send({ port }, 1, HUGE), send({ port }, 2), send({ port }, 3)])).toEqual(
      Array(3).fill('timeout'),
    );
    expect(events.items).toEqual(['1/2 failed 1']);
  });

  it('has a limited number of waiting bytes, but always one frame', async () => {
    const { port } = await startOddPeer((socket) => socket.pause());
    const { sender, events, send } = startSender({ queueBytes: HUGE.length + 26 });
    const outcomes = Promise.all([send({ port }, 1, HUGE), send({ port }, 2), send({ port }, 3)]);
    expect(await send({ port }, 4)).toBe('queue_full');
    sender.disconnect(1, 2);
    expect(await outcomes).toEqual(['reset', 'reset', 'queue_full']);
    expect(events.items).toEqual([]);
  });

  it('accepts a single frame that is larger than the queue', async () => {
    const { port, arrived } = await startReader();
    const { send } = startSender({ queueBytes: 1 });
    expect(await send({ port }, 1)).toBeNull();
    expect(await arrived.atLeast(1)).toEqual(['1:1']);
  });
});

describe('the BIN sender: disconnect and close', () => {
  it('fails waiting frames without a failed attempt when a machine is disconnected', async () => {
    const { port, connections } = await startReader();
    const { sender, events, send } = startSender();
    const outcomes = Promise.all([send({ port }, 1), send({ port }, 2)]);
    sender.disconnect(1, 2);
    expect(await outcomes).toEqual(['reset', 'reset']);
    expect(await send({ port }, 3)).toBeNull();
    expect(events.items).toEqual(['1/2 succeeded 3']);
    expect((await connections.atLeast(1)).length).toBeLessThanOrEqual(2);
  });

  it('closes the connection of a machine that is disconnected', async () => {
    const { port, connections } = await startReader();
    const { sender, send } = startSender();
    await send({ port }, 1);
    const [socket] = await connections.atLeast(1);
    sender.disconnect(1, 2);
    if (socket) await once(socket, 'close');
    expect(socket?.readableEnded).toBe(true);
  });

  it('writes waiting frames before it closes, and accepts no more', async () => {
    const { port, arrived } = await startReader();
    const { sender, send } = startSender();
    const outcomes = Promise.all([send({ port }, 1), send({ port }, 2)]);
    const closed = sender.close();
    expect(await send({ port }, 3)).toBe('reset');
    await closed;
    expect(await outcomes).toEqual([null, null]);
    expect(await arrived.atLeast(2)).toEqual(['1:1', '1:2']);
  });

  it('closes after the write time-out when a peer does not read', async () => {
    const { port } = await startOddPeer((socket) => socket.pause());
    const { sender, send } = startSender({ writeTimeoutMs: 30 });
    const outcome = send({ port }, 1, HUGE);
    await sender.close();
    expect(['reset', 'timeout']).toContain(await outcome);
  });
});
