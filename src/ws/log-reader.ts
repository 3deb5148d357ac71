import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PacketDecoder } from '../service/delivery/packet-decoder.js';
import type { LogEntry, RegistrationLog, Subscriber } from '../service/delivery/registration-log.js';
import { textsOf } from './entries.js';
import type { FairScheduler } from './fair-scheduler.js';
import { Writer } from './writer.js';

/** What a socket may send as text in one round, in bytes: text costs ten times as much as frames that are only passed on. */
const TEXT_BUDGET = 2 ** 16;

interface Cursor {
  /** The newest `seq` when this socket began to follow. What is before it does not count as waiting for this socket. */
  readonly startSeq: number;
  /** False until the answer that names the registration has been sent. */
  announced: boolean;
}

/** Why a reader cannot go on. `reason` is for the close frame and the log. */
export interface LogReaderEvents {
  /** Too much waits, or what waits is no longer kept. */
  overflow(reason: string): void;
  /** Another socket has resumed this registration. */
  replaced(log: RegistrationLog): void;
}

/** Reads the logs that one socket follows and sends their entries, in order, as fast as the client takes them. */
export class LogReader implements Subscriber {
  isClosed = false;
  /** Registrations on their way to it: the command log has not applied them yet. */
  awaited = 0;
  private readonly cursors = new Map<RegistrationLog, Cursor>();
  /** Logs with entries that are not sent yet. */
  private readonly pending = new Set<RegistrationLog>();
  private readonly writer: Writer;

  constructor(
    socket: WebSocket,
    /** The connection under the socket. */
    stream: Duplex,
    private readonly scheduler: FairScheduler,
    /** Whether packets are sent as binary frames. */
    readonly binary: boolean,
    private readonly decoder: PacketDecoder,
    private readonly queueBytes: number,
    private readonly events: LogReaderEvents,
  ) {
    this.writer = new Writer(socket, stream, queueBytes, {
      overflow: () => this.overflow(),
      drain: () => scheduler.schedule(this),
    });
  }

  get logs(): Iterable<RegistrationLog> {
    return this.cursors.keys();
  }

  get size(): number {
    return this.cursors.size;
  }

  /** What waits in the socket, and after `sentSeq` in the logs. */
  get waitingBytes(): number {
    return this.writer.bufferedBytes + this.pendingBytes();
  }

  /** Follows the log from its `sentSeq`. Nothing is sent before `announced`. */
  follow(log: RegistrationLog): void {
    this.awaited--;
    this.cursors.set(log, { startSeq: log.seq, announced: false });
  }

  /** The answer that names the registration has been sent. */
  announced(log: RegistrationLog): void {
    const cursor = this.cursors.get(log);
    if (cursor === undefined || cursor.announced) return;
    cursor.announced = true;
    this.appended(log);
  }

  unfollow(log: RegistrationLog): void {
    this.cursors.delete(log);
    this.pending.delete(log);
  }

  appended(log: RegistrationLog): void {
    this.pending.add(log);
    this.scheduler.schedule(this);
  }

  replaced(log: RegistrationLog): void {
    this.unfollow(log);
    this.events.replaced(log);
  }

  /** Sends at once, ahead of what waits in the logs. A single message may always wait, however long it is. */
  write(text: string): void {
    this.writer.writeText(text);
  }

  /** Sends log entries, as far as the budget and the socket allow. */
  flush(schedulerBudget: number): void {
    const budget = this.binary ? schedulerBudget : TEXT_BUDGET;
    const sent = this.writer.batch(() => {
      for (const log of [...this.pending]) if (this.cursors.get(log)?.announced) this.sendFrom(log, budget);
    });
    // Nothing was sent to a closing socket, but its log goes on growing until the client agrees to the close.
    if (this.pending.size > 0 && this.writer.waitingBytes + this.pendingBytes() > this.queueBytes) this.overflow();
    if (sent >= budget) this.scheduler.schedule(this);
  }

  private sendFrom(log: RegistrationLog, budget: number): void {
    if (!log.covers(log.sentSeq)) {
      this.events.overflow('slow consumer: unsent notifications are no longer kept');
      return;
    }
    this.pending.delete(log);
    for (const entry of log.after(log.sentSeq)) {
      if (!this.sendEntry(log, entry, budget)) {
        // Last in the set, so that the other logs come first in the next round.
        if (this.cursors.has(log)) this.pending.add(log);
        return;
      }
    }
  }

  /** Returns whether all of it was sent. */
  private sendEntry(log: RegistrationLog, entry: LogEntry, budget: number): boolean {
    if (entry.type === 'packets' && this.binary) {
      if (!this.writer.hasRoom(budget)) return false;
      this.writer.writePackets(entry, log.registration.number, Math.max(entry.seq, log.sentSeq + 1));
      log.sentSeq = entry.lastSeq;
      return true;
    }
    for (const { lastSeq, text } of textsOf(log, entry, this.decoder)) {
      if (!this.writer.hasRoom(budget)) return false;
      this.writer.writeText(text);
      log.sentSeq = lastSeq;
    }
    return true;
  }

  private overflow(): void {
    this.events.overflow(`slow consumer: more than ${this.queueBytes} bytes pending`);
  }

  private pendingBytes(): number {
    let bytes = 0;
    for (const log of this.pending) {
      const startSeq = this.cursors.get(log)?.startSeq ?? 0;
      bytes += log.bytesAfter(Math.max(startSeq, log.sentSeq));
    }
    return bytes;
  }
}
