import type { WebSocket } from 'ws';
import type { RegistrationLog } from '../service/registration-log.js';
import { registrationNotification } from './notifications.js';

/** Bytes in the socket above which the rest waits in the logs: enough to keep a fast reader busy, little to lose. */
const SOCKET_FULL_BYTES = 2 ** 20;

/** The logs that one socket follows, each with the place up to which it has been sent. */
export class Feed {
  private readonly cursors = new Map<RegistrationLog, number>();
  /** Followed, but the client has not been told of them yet. */
  private readonly unannounced = new Set<RegistrationLog>();
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

  /** What follows `seq` will be sent, but not before `announced`. */
  follow(log: RegistrationLog, seq: number): void {
    this.cursors.set(log, seq);
    this.unannounced.add(log);
    log.onAppend = () => this.schedulePump();
  }

  /** The client has been sent the answer that names the registration. */
  announced(log: RegistrationLog): void {
    if (this.unannounced.delete(log)) this.schedulePump();
  }

  forget(log: RegistrationLog): void {
    this.cursors.delete(log);
    this.unannounced.delete(log);
  }

  /** Sends at once, before what waits in the logs. */
  write(text: string): void {
    const nowFull = this.socket.bufferedAmount + text.length > SOCKET_FULL_BYTES;
    // The logs have to wait until this is gone, and would not know when.
    if (nowFull) this.socket.send(text, () => this.schedulePump());
    else this.socket.send(text);
  }

  /** Once a turn of the event loop, so that what arrives together leaves together. */
  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.socket.readyState === this.socket.OPEN) this.sendOn();
    // A socket that is closing takes nothing more, and its client may be slow to agree.
    if (this.waitingBytes() > this.options.wsQueueBytes) this.onOverflow();
  }

  private sendOn(): void {
    for (const [log, cursor] of this.cursors) {
      if (this.unannounced.has(log)) continue;
      const seq = this.send(log, cursor);
      this.cursors.set(log, seq);
      log.forget(seq);
    }
  }

  /** Answers the `seq` up to which the log has been sent. */
  private send(log: RegistrationLog, cursor: number): number {
    let seq = cursor;
    for (let entry = log.after(seq); entry !== undefined; entry = log.after(seq)) {
      if (this.socket.bufferedAmount > SOCKET_FULL_BYTES) return seq;
      seq = entry.seq;
      this.write(registrationNotification(log, entry));
    }
    return seq;
  }

  private waitingBytes(): number {
    let bytes = this.socket.bufferedAmount;
    for (const log of this.cursors.keys()) bytes += log.keptBytes;
    return bytes;
  }
}
