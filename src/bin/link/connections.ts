import type { Socket } from 'node:net';
import type { Replies } from '../../service/ports.js';

/** Bytes that may wait for a peer that does not read responses; more are dropped. */
const WAITING_LIMIT = 2 ** 16;

/** The open connections by number. Numbers are never reused by a process. */
export class Connections implements Replies {
  private readonly sockets = new Map<number, Socket>();
  private last = 0;

  /** Returns the number of the connection, until it closes. */
  add(socket: Socket): number {
    const number = ++this.last;
    this.sockets.set(number, socket);
    socket.once('close', () => this.sockets.delete(number));
    return number;
  }

  reply(connection: number, frame: Buffer): void {
    const socket = this.sockets.get(connection);
    if (socket?.writable && socket.writableLength + frame.length <= WAITING_LIMIT) socket.write(frame);
  }
}
