import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { packetBytes } from '../peers/bin-peer.js';
import type { ReplicaProcess } from './replica-process.js';

/** One write brings the packets of this time. */
const TICK_MS = 5;

export interface PacketStreamOptions {
  readonly localAddress: string;
  readonly machineId?: number;
  readonly packetsPerSecond: number;
  /** Bytes of a payload; at least 4. */
  readonly payloadBytes?: number;
}

/** A packet with its number in the payload. */
export function numbered(number: number, payloadBytes: number, machineId: number): Buffer {
  const payload = Buffer.alloc(payloadBytes);
  payload.writeUInt32BE(number);
  return packetBytes({ machineId, payload });
}

/** A machine that sends packets with ascending numbers. While the kernel takes no more, it waits. */
export class PacketStream {
  /** The last number that was written. */
  sent = 0;
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly machineId: number;
  private readonly payloadBytes: number;

  constructor(private readonly options: PacketStreamOptions) {
    this.machineId = options.machineId ?? 2;
    this.payloadBytes = options.payloadBytes ?? 40;
  }

  /** Whether the kernel takes no more: what was written waits in this process. */
  get isBlocked(): boolean {
    return (this.socket?.writableLength ?? 0) > 0;
  }

  get isConnected(): boolean {
    return this.socket !== null && !this.socket.destroyed;
  }

  /** Sends to a replica from now on, as a machine that connects again. */
  async connect({ bin: { ip: host, port } }: ReplicaProcess): Promise<void> {
    this.pause();
    const { localAddress, packetsPerSecond } = this.options;
    const socket = createConnection({ host, port, localAddress, noDelay: true });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    this.socket = socket;
    this.timer = setInterval(() => this.write((packetsPerSecond * TICK_MS) / 1_000), TICK_MS);
  }

  /** Writes the first half of the next packet. `finishHalf` writes the other. */
  writeHalf(): void {
    this.pause();
    const packet = numbered(this.sent + 1, this.payloadBytes, this.machineId);
    this.socket?.write(packet.subarray(0, packet.length / 2));
  }

  finishHalf(): void {
    const packet = numbered(++this.sent, this.payloadBytes, this.machineId);
    this.socket?.write(packet.subarray(packet.length / 2));
  }

  pause(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** Sends no more. Resolves when the kernel has everything. */
  async end(): Promise<void> {
    this.pause();
    const { socket } = this;
    // `drain` comes only after a write that filled the buffer of the socket.
    if (socket !== null && this.isBlocked) await new Promise<void>((written) => socket.write('', () => written()));
  }

  discard(): void {
    this.pause();
    this.socket?.destroy();
  }

  private write(count: number): void {
    const { socket } = this;
    if (socket === null || !socket.writable || this.isBlocked) return;
    const packets: Buffer[] = [];
    for (let i = 0; i < count; i++) packets.push(numbered(++this.sent, this.payloadBytes, this.machineId));
    socket.write(Buffer.concat(packets));
  }
}
