import type { WebSocket } from 'ws';
import type { Holder, RegistrationLog } from '../service/registration-log.js';
import { writeEntry } from './entries.js';

/** Bytes in the socket above which the rest waits in the logs: enough to keep a fast reader busy, little to lose. */
const SOCKET_FULL_BYTES = 2 ** 20;

/** The place of one followed log. */
interface Place {
  /** The newest `seq` when this socket began to follow: what was told before was not made to wait by this socket. */
  readonly from: number;
  /** False until the client has been sent the answer that names the registration. */
  announced: boolean;
}

/** The logs that one socket follows: sends what they are told, in order, as fast as the client reads. */
export class Feed implements Holder {
  private readonly places = new Map<RegistrationLog, Place>();
  /** Logs that were told something since they were last sent whole. */
  private readonly behind = new Set<RegistrationLog>();
  private pumpScheduled = false;

  constructor(
    private readonly socket: WebSocket,
    /** Whether packets travel as binary frames. */
    private readonly binary: boolean,
    private readonly queueBytes: number,
    private readonly events: {
      /** More waits than may wait, or what waits is no longer kept. */
      overflow(): void;
      /** Another socket has taken this registration over. */
      replaced(log: RegistrationLog): void;
    },
  ) {}

  get logs(): Iterable<RegistrationLog> {
    return this.places.keys();
  }

  get size(): number {
    return this.places.size;
  }

  /** What follows the log's `sentSeq` will be sent, but not before `announced`. */
  follow(log: RegistrationLog): void {
    this.places.set(log, { from: log.seq, announced: false });
  }

  /** The client has been sent the answer that names the registration. */
  announced(log: RegistrationLog): void {
    const place = this.places.get(log);
    if (place === undefined || place.announced) return;
    place.announced = true;
    this.appended(log);
  }

  forget(log: RegistrationLog): void {
    this.places.delete(log);
    this.behind.delete(log);
  }

  appended(log: RegistrationLog): void {
    this.behind.add(log);
    this.schedulePump();
  }

  replaced(log: RegistrationLog): void {
    this.forget(log);
    this.events.replaced(log);
  }

  /** Sends at once, before what waits in the logs. */
  write(data: string | Buffer, more = false): void {
    const options = { binary: typeof data !== 'string', fin: !more };
    const nowFull = this.socket.bufferedAmount + data.length > SOCKET_FULL_BYTES;
    // The logs have to wait until this is gone, and would not know when.
    if (nowFull) this.socket.send(data, options, () => this.schedulePump());
    else this.socket.send(data, options);
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
    if (this.socket.readyState === this.socket.OPEN) {
      for (const log of this.behind) if (this.places.get(log)?.announced) this.sendOn(log);
    }
    // A socket that is closing takes nothing more, and its client may be slow to agree.
    if (this.behind.size > 0 && this.waitingBytes() > this.queueBytes) this.events.overflow();
  }

  private sendOn(log: RegistrationLog): void {
    if (!log.covers(log.sentSeq)) {
      this.events.overflow();
      return;
    }
    for (const entry of log.after(log.sentSeq)) {
      if (this.socket.bufferedAmount > SOCKET_FULL_BYTES) return;
      writeEntry(log, entry, this.binary, (data, more) => this.write(data, more));
      log.sentSeq = entry.lastSeq;
    }
    this.behind.delete(log);
  }

  private waitingBytes(): number {
    let bytes = this.socket.bufferedAmount;
    for (const log of this.behind) {
      const from = this.places.get(log)?.from ?? 0;
      bytes += log.bytesAfter(Math.max(from, log.sentSeq));
    }
    return bytes;
  }
}
