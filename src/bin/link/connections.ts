import type { Socket } from 'node:net';
import type { Replies } from '../../service/ports/sender.js';

/** Bytes that may wait for a peer that does not read responses; more are dropped. */
const WAITING_LIMIT = 2 ** 16;

/** The open connections by number. Numbers are never reused by a process. */
export class Connections implements Replies {
  private readonly sockets = new Map<number, Socket>();
  private last = 0;
  private heldUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether no connection is read. */
  isHeld = false;

  /** Returns the number of the connection, until it closes. */
  add(socket: Socket): number {
    const number = ++this.last;
    this.sockets.set(number, socket);
    socket.once('close', () => this.sockets.delete(number));
    if (this.isHeld) socket.pause();
    return number;
  }

  /** Reads no connection until `release`: senders are slowed down, and nothing is dropped. */
  hold(): void {
    this.isHeld = true;
    for (const socket of this.sockets.values()) socket.pause();
  }

  release(): void {
    this.isHeld = false;
    this.heldUntilMs = performance.now();
    for (const socket of this.sockets.values()) socket.resume();
  }

  /** Whether no connection was read at some time in these last milliseconds: what is missing may wait in the kernel. */
  wasHeld(lastMs: number): boolean {
    return this.isHeld || performance.now() - this.heldUntilMs < lastMs;
  }

  reply(connection: number, frame: Buffer): void {
    const socket = this.sockets.get(connection);
    if (socket?.writable && socket.writableLength + frame.length <= WAITING_LIMIT) socket.write(frame);
  }
}
