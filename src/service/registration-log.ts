import type { Notification, Registration } from '../domain/reception.js';

/** One notification in its place. */
export interface LogEntry {
  /** Rises by exactly 1. */
  readonly seq: number;
  readonly notification: Notification;
}

/** What an entry without a packet costs, in bytes; a packet adds its frame. An estimate for bounds, not a measurement. */
const ENTRY_BYTES = 200;

/**
 * What one registration has been told, in order. Notifications are appended once; a socket is only a cursor on the log,
 * and what lies before every cursor is forgotten.
 */
export class RegistrationLog {
  /** Called after an append while a reader follows. */
  onAppend: (() => void) | null = null;
  private entries: LogEntry[] = [];
  /** Index of the oldest entry kept; what lies before is cut off before it is more than what is kept: O(1) for each entry. */
  private first = 0;
  private lastSeq = 0;
  private bytes = 0;

  constructor(
    /** The secret that stands for the registration; shown to its own socket only. */
    readonly id: string,
    readonly registration: Registration,
    /** Unix milliseconds. */
    readonly since: number,
  ) {}

  /** The `seq` of the newest notification, 0 before the first. */
  get seq(): number {
    return this.lastSeq;
  }

  /** Roughly what the kept entries hold. */
  get keptBytes(): number {
    return this.bytes;
  }

  append(notification: Notification): void {
    this.lastSeq++;
    this.entries.push({ seq: this.lastSeq, notification });
    this.bytes += entryBytes(notification);
    this.onAppend?.();
  }

  /** The entry that follows `seq`; undefined when there is none yet. */
  after(seq: number): LogEntry | undefined {
    const oldest = this.entries[this.first];
    return oldest === undefined ? undefined : this.entries[this.first + seq + 1 - oldest.seq];
  }

  /** Drops everything up to and including `seq`. */
  forget(seq: number): void {
    for (
      let entry = this.entries[this.first];
      entry !== undefined && entry.seq <= seq;
      entry = this.entries[this.first]
    ) {
      this.bytes -= entryBytes(entry.notification);
      this.first++;
    }
    if (this.first * 2 <= this.entries.length) return;
    this.entries = this.entries.slice(this.first);
    this.first = 0;
  }
}

function entryBytes(notification: Notification): number {
  return notification.type === 'packet' ? ENTRY_BYTES + notification.packet.frame.length : ENTRY_BYTES;
}
