import type { Notification, Registration } from '../../domain/reception.js';
import type { ChunkPool } from './chunk-pool.js';
import { PacketRun } from './packet-run.js';

/** A notification that is not a packet. */
export interface Notice {
  readonly type: 'notice';
  readonly seq: number;
  readonly lastSeq: number;
  readonly notice: Exclude<Notification, { readonly type: 'packets' }>;
}

export type LogEntry = Notice | PacketRun;

/** What an entry costs besides its packets, in bytes. An estimate for bounds, not a measurement. */
const ENTRY_BYTES = 200;

interface Position {
  readonly entry: LogEntry;
  /** Monotonic milliseconds. */
  readonly appendedAt: number;
  /** Bytes appended to the log before this entry. */
  readonly bytesBefore: number;
}

/** A socket that carries registrations. */
export interface Subscriber {
  /** Its socket is gone: it carries nothing any more. */
  readonly isClosed: boolean;
  /** From now on it carries this registration. */
  follow(log: RegistrationLog): void;
  appended(log: RegistrationLog): void;
  /** The registration has ended, or this subscriber no longer carries it. */
  unfollow(log: RegistrationLog): void;
  /** Another socket has resumed the registration. */
  replaced(log: RegistrationLog): void;
}

/**
 * The notifications of one registration, in order, as far back as they are kept. Each is appended once; live delivery, resume and a
 * slow consumer are positions (`seq`) in it.
 */
export class RegistrationLog {
  /** The replica whose socket carries the registration; null in the grace period. */
  holder: string | null = null;
  /** How many sockets have carried the registration so far. */
  carries = 0;
  /** The socket that carries it, if it is here. */
  subscriber: Subscriber | null = null;
  /** The cursor: the last `seq` that the subscriber was sent. */
  sentSeq = 0;
  /** For `SizeClasses`. */
  sizeClass = -1;
  private positions: Position[] = [];
  /** Index of the oldest position that is kept. Those before it are cut off once they are the larger part: O(1) for each entry. */
  private first = 0;
  private lastSeq = 0;
  /** Bytes appended since the start, and the part of them that is dropped. */
  private appendedBytes = 0;
  private droppedBytes = 0;

  constructor(
    /** The secret that a resume needs; only the socket of the registration gets it. */
    readonly id: string,
    readonly registration: Registration,
    /** The name of the token that registered; only the same may resume. */
    readonly owner: string | null,
    /** Unix milliseconds. */
    readonly since: number,
    private readonly pool: ChunkPool,
    /** What arrives in several reads is joined to an entry of this many bytes at most. */
    private readonly runBytes: number,
  ) {}

  /** Continues after the notifications that another replica has: none of them is kept here. For a log without notifications. */
  continueAfter(seq: number): void {
    this.lastSeq = seq;
    this.sentSeq = seq;
  }

  /** The `seq` of the newest notification, 0 before the first. */
  get seq(): number {
    return this.lastSeq;
  }

  /** An estimate, as `ENTRY_BYTES` is. */
  get keptBytes(): number {
    return this.appendedBytes - this.droppedBytes;
  }

  /** Returns by how many bytes the log has grown. `nowMs` is monotonic. */
  append(notification: Notification, nowMs: number): number {
    const before = this.appendedBytes;
    const seq = this.lastSeq + 1;
    const last = this.positions.at(-1)?.entry;
    if (notification.type === 'packets') {
      const { run, receivedAt, isSync } = notification;
      this.lastSeq += run.count;
      const slice = this.pool.store(run);
      const bytes = slice.end - slice.start;
      this.appendedBytes += bytes;
      const fits = last instanceof PacketRun && last.bytes + bytes <= this.runBytes;
      if (!(fits && last.extend(run, slice, receivedAt, isSync))) {
        this.push(new PacketRun(seq, run, slice, receivedAt, isSync), nowMs, before);
      }
    } else {
      this.lastSeq = seq;
      this.push({ type: 'notice', seq, lastSeq: seq, notice: notification }, nowMs, before);
    }
    this.subscriber?.appended(this);
    return this.appendedBytes - before;
  }

  /** Whether everything after `seq` is still kept. */
  covers(seq: number): boolean {
    const oldest = this.positions[this.first]?.entry.seq ?? this.lastSeq + 1;
    return seq >= oldest - 1 && seq <= this.lastSeq;
  }

  /** The entries after `seq`; the first may begin before it. */
  *after(seq: number): Generator<LogEntry> {
    for (let index = this.indexAfter(seq); index < this.positions.length; index++) {
      const position = this.positions[index];
      if (position !== undefined) yield position.entry;
    }
  }

  /** The bytes of the entries after `seq`. */
  bytesAfter(seq: number): number {
    const position = this.positions[this.indexAfter(seq)];
    return position === undefined ? 0 : this.appendedBytes - position.bytesBefore;
  }

  /** Drops what was appended before `at` (monotonic milliseconds) and was sent. Returns the bytes dropped. */
  expireSentBefore(at: number): number {
    const isSent = (entry: LogEntry) => this.isHeldElsewhere || entry.lastSeq <= this.sentSeq;
    return this.dropWhile(({ appendedAt, entry }) => appendedAt < at && isSent(entry));
  }

  /** Drops the oldest entries until at most `bytes` are kept, but none that the subscriber still waits for. Returns the bytes dropped. */
  trimTo(bytes: number): number {
    const isPending = ({ entry }: Position) => this.subscriber !== null && entry.lastSeq > this.sentSeq;
    return this.dropWhile((position) => this.keptBytes > bytes && !isPending(position));
  }

  /** Drops the oldest entries until at most `bytes` are kept, sent or not. Returns the bytes dropped. */
  evictTo(bytes: number): number {
    return this.dropWhile(() => this.keptBytes > bytes);
  }

  /** By another replica, which sends the notifications. */
  private get isHeldElsewhere(): boolean {
    return this.holder !== null && this.subscriber === null;
  }

  private push(entry: LogEntry, appendedAt: number, bytesBefore: number): void {
    this.positions.push({ entry, appendedAt, bytesBefore });
    this.appendedBytes += ENTRY_BYTES;
  }

  private dropWhile(condition: (position: Position) => boolean): number {
    const before = this.droppedBytes;
    for (
      let position = this.positions[this.first];
      position !== undefined && condition(position);
      position = this.positions[this.first]
    ) {
      if (position.entry.type === 'packets') position.entry.release();
      this.first++;
      this.droppedBytes = this.positions[this.first]?.bytesBefore ?? this.appendedBytes;
    }
    if (this.first * 2 > this.positions.length) {
      this.positions = this.positions.slice(this.first);
      this.first = 0;
    }
    return this.droppedBytes - before;
  }

  /** Index of the entry that holds `seq + 1`, by binary search: a run holds many. */
  private indexAfter(seq: number): number {
    let low = this.first;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const position = this.positions[middle];
      if (position !== undefined && position.entry.lastSeq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
