import type { WebSocket } from 'ws';
import type { RegistrationLog } from '../service/registration-log.js';
import { registrationNotification } from './notifications.js';

/** Bytes in the socket above which the rest waits in the logs: enough to keep a fast reader busy, little to lose. */
const SOCKET_FULL_BYTES = 2 ** 20;

/** The logs that one socket follows, each with the place up to which it has been sent. */
export class Feed {
  private readonly cursors = new Map<RegistrationLog, number>();
  private pumpScheduled = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: { readonly wsQueueBytes: number },
    /** More waits than may wait. */
    private readonly onOverflow: () => void,
  ) {}

  get logs(): Iterable<RegistrationLog> {
    return this.cursors.keys();
  }

  /** Starts to send what follows `seq`. */
  follow(log: RegistrationLog, seq: number): void {
    this.cursors.set(log, seq);
    log.onAppend = () => this.schedulePump();
    this.schedulePump();
  }

  forget(log: RegistrationLog): void {
    this.cursors.delete(log);
  }

  /** Once a turn of the event loop, so that what arrives together leaves together, and behind the answers given meanwhile. */
  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    for (const [log, cursor] of this.cursors) {
      const seq = this.send(log, cursor);
      this.cursors.set(log, seq);
      log.forget(seq);
    }
    if (this.waitingBytes() > this.options.wsQueueBytes) this.onOverflow();
  }

  /** Answers the `seq` up to which the log has been sent. */
  private send(log: RegistrationLog, cursor: number): number {
    let seq = cursor;
    for (let entry = log.after(seq); entry !== undefined; entry = log.after(seq)) {
      if (this.socket.bufferedAmount > SOCKET_FULL_BYTES) return seq;
      seq = entry.seq;
      const text = registrationNotification(log, entry);
      const nowFull = this.socket.bufferedAmount + text.length > SOCKET_FULL_BYTES;
      if (nowFull) this.socket.send(text, () => this.schedulePump());
      else this.socket.send(text);
    }
    return seq;
  }

  private waitingBytes(): number {
    let bytes = this.socket.bufferedAmount;
    for (const log of this.cursors.keys()) bytes += log.keptBytes;
    return bytes;
  }
}
