import type { Notification, Registration } from '../../domain/reception.js';
import type { Blocks } from './chunk-pool.js';
import { PacketRun } from './packet-run.js';

/** A notification that is no packet. */
export interface Notice {
  readonly type: 'notice';
  readonly seq: number;
  readonly lastSeq: number;
  readonly bytes: number;
  readonly notice: Exclude<Notification, { readonly type: 'packet' }>;
}

export type LogEntry = Notice | PacketRun;

/** What an entry costs beside the packets it holds, in bytes. An estimate for bounds, not a measurement. */
const ENTRY_BYTES = 200;

/** Where an entry stands: when it was told (monotonic milliseconds), and how many bytes were told before it. */
interface Place {
  readonly entry: LogEntry;
  readonly at: number;
  readonly bytesBefore: number;
}

/** Who carries registrations to their module. */
export interface Holder {
  /** Something was told. */
  appended(log: RegistrationLog): void;
  /** The registration is over, or no longer this holder's. */
  forget(log: RegistrationLog): void;
  /** Another socket has resumed the registration. */
  replaced(log: RegistrationLog): void;
}

/**
 * What one registration has been told, in order, as far back as it is kept. Notifications are appended once; live
 * delivery, resume and a slow consumer are positions (`seq`) in it.
 */
export class RegistrationLog {
  /** The socket that follows; null in the grace period. */
  holder: Holder | null = null;
  /** The `seq` up to which the holder has been sent. */
  sentSeq = 0;
  /** Its place among all logs by what they keep (`size-classes.ts`). */
  sizeClass = -1;
  private places: Place[] = [];
  /** Index of the oldest place kept; what lies before is cut off before it is more than what is kept: O(1) for each entry. */
  private first = 0;
  private lastSeq = 0;
  /** Bytes told since the beginning, and those of them that are no longer kept. */
  private told = 0;
  private dropped = 0;

  constructor(
    /** The secret that stands for the registration; shown to its own socket only. */
    readonly id: string,
    readonly registration: Registration,
    /** Who registered; only the same may resume. */
    readonly owner: string | null,
    /** Unix milliseconds. */
    readonly since: number,
    /** Where packets are kept. */
    private readonly blocks: Blocks,
    /** Packets that came one by one are kept as one up to so many bytes, since what is kept as one is let go of as one. */
    private readonly runBytes: number,
  ) {}

  /** The `seq` of the newest notification, 0 before the first. */
  get seq(): number {
    return this.lastSeq;
  }

  /** Roughly what the kept entries hold. */
  get keptBytes(): number {
    return this.told - this.dropped;
  }

  /** Answers how many bytes the log has grown by. `at` in monotonic milliseconds. */
  append(notification: Notification, at: number): number {
    const before = this.told;
    const seq = this.lastSeq + 1;
    const last = this.places.at(-1)?.entry;
    if (notification.type === 'packet') {
      const { packet, receivedAt } = notification;
      this.lastSeq += packet.count;
      this.told += packet.frame.length;
      const kept = this.blocks.keep(packet.frame);
      const fits = last instanceof PacketRun && last.bytes + packet.frame.length <= this.runBytes;
      if (!(fits && last.extend(packet, kept, receivedAt))) {
        this.push(new PacketRun(seq, packet, kept, receivedAt), at, before);
      }
    } else {
      this.lastSeq = seq;
      this.push({ type: 'notice', seq, lastSeq: seq, bytes: 0, notice: notification }, at, before);
    }
    this.holder?.appended(this);
    return this.told - before;
  }

  /** Whether everything after `seq` is still kept. */
  covers(seq: number): boolean {
    const oldest = this.places[this.first]?.entry.seq ?? this.lastSeq + 1;
    return seq >= oldest - 1 && seq <= this.lastSeq;
  }

  /** What follows `seq`, entry by entry; the first may begin before. */
  *after(seq: number): Generator<LogEntry> {
    for (let index = this.indexAfter(seq); index < this.places.length; index++) {
      const place = this.places[index];
      if (place !== undefined) yield place.entry;
    }
  }

  /** Roughly how much follows `seq`. */
  bytesAfter(seq: number): number {
    const place = this.places[this.indexAfter(seq)];
    return place === undefined ? 0 : this.told - place.bytesBefore;
  }

  /** Lets go of what was sent and told before `at`. Answers how many bytes. */
  forgetSentBefore(at: number): number {
    return this.forgetWhile((place) => place.at < at && place.entry.lastSeq <= this.sentSeq);
  }

  /** Lets go of the oldest until no more than `bytes` are kept, but of nothing that its holder waits for. Answers how many bytes. */
  trimTo(bytes: number): number {
    const isWaitedFor = ({ entry }: Place) => this.holder !== null && entry.lastSeq > this.sentSeq;
    return this.forgetWhile((place) => this.keptBytes > bytes && !isWaitedFor(place));
  }

  /** The same, whoever waits for it. */
  shrinkTo(bytes: number): number {
    return this.forgetWhile(() => this.keptBytes > bytes);
  }

  private push(entry: LogEntry, at: number, bytesBefore: number): void {
    this.places.push({ entry, at, bytesBefore });
    this.told += ENTRY_BYTES;
  }

  private forgetWhile(condition: (place: Place) => boolean): number {
    const before = this.dropped;
    for (
      let place = this.places[this.first];
      place !== undefined && condition(place);
      place = this.places[this.first]
    ) {
      if (place.entry.type === 'packets') place.entry.release();
      this.first++;
      this.dropped = this.places[this.first]?.bytesBefore ?? this.told;
    }
    if (this.first * 2 > this.places.length) {
      this.places = this.places.slice(this.first);
      this.first = 0;
    }
    return this.dropped - before;
  }

  /** Index of the entry that holds `seq + 1`: halves the search, since a run holds many. */
  private indexAfter(seq: number): number {
    let low = this.first;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const place = this.places[middle];
      if (place !== undefined && place.entry.lastSeq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
