import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { BinFault } from '../../src/bin/in/fault-counts.js';
import { BinListener, type ListenerOptions } from '../../src/bin/in/listener.js';
import { Connections } from '../../src/bin/link/connections.js';
import type { Log } from '../../src/ground/ports.js';
import type { Address } from '../../src/wire/address.js';
import type { PacketHead } from '../../src/wire/dialects/dialect.js';
import type { ReceivedRun } from '../../src/wire/frame-run.js';
import { framesOf, headOf } from '../support/peers/runs.js';

/** A list that a test can wait for. */
export class Recorded<T> {
  readonly items: T[] = [];
  #wake: (() => void)[] = [];

  add(item: T): void {
    this.items.push(item);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves with the items as soon as there are `count`. */
  async atLeast(count: number): Promise<T[]> {
    while (this.items.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.items;
  }
}

export interface LogLine {
  readonly level: string;
  readonly fields: { readonly [name: string]: unknown };
  readonly message: string;
}

export function recordingLog(): { log: Log; lines: Recorded<LogLine> } {
  const lines = new Recorded<LogLine>();
  const at = (level: string) => (fields: object, message: string) =>
    lines.add({ level, fields: { ...fields }, message });
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

const ROOMY: ListenerOptions = {
  tls: null,
  host: '127.0.0.1',
  port: 0,
  allow: null,
  frameTimeoutMs: 60_000,
  idleTimeoutMs: 0,
  maxConnections: 100,
  maxConnectionsPerSource: 100,
};

/** A packet that a listener has received. */
interface ArrivedPacket extends PacketHead {
  readonly frame: Buffer;
  readonly protocol: string;
  readonly source: Address;
  readonly connection: number;
  readonly url: string | null;
}

/** A running listener, with its packets and log lines. `refused`: the answer to every packet. */
export async function startListener(options: Partial<ListenerOptions> = {}, refused: BinFault | null = null) {
  const packets = new Recorded<ArrivedPacket>();
  const { log, lines } = recordingLog();
  const connections = new Connections();
  const keep = (run: ReceivedRun) => {
    const { dialect, protocol, source, connection, url } = run;
    for (const frame of framesOf(run))
      packets.add({ ...headOf(frame, dialect), frame, protocol, source, connection, url });
    return refused;
  };
  const listener = new BinListener({ ...ROOMY, ...options }, keep, log, connections);
  const { ip, port } = await listener.listen();
  const connect = async (localAddress?: string): Promise<Socket> => {
    const socket = createConnection({ host: ip, port, noDelay: true, ...(localAddress && { localAddress }) });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    return socket;
  };
  return { listener, packets, lines, connect, ip, port, connections };
}

/** A peer that accepts connections; `onSocket` gets each of them. */
export async function startPeer(
  host: string,
  onSocket: (socket: Socket) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP port was expected');
  return { server, port: address.port };
}

/** A packet whose type is this number. */
export function numberedFrame(packetType: number): Buffer {
  const frame = Buffer.from('5034434b1a0000000100000002000000756c0000000001000000', 'hex');
  frame.writeInt32LE(packetType, 18);
  return frame;
}

/** A port whose backlog is full: the next connect waits forever. */
export async function fullPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const neverAccepts = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(neverAccepts, { eval: true });
  const [port] = await once(worker, 'message');
  const fillers: Socket[] = [];
  // A backlog of 1 holds two connections.
  for (let i = 0; i < 2; i++) {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    await once(socket, 'connect');
    fillers.push(socket);
  }
  const release = async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  };
  return { port, release };
}
