import type { Clock } from '../../../src/ground/ports.js';
import type { Apply, CommandLog, LoggedCommand } from '../../../src/service/log/command-log.js';
import { encodeEntry } from '../../../src/service/log/entry-codec.js';
import { MemoryCommandLog } from '../../../src/service/log/memory-command-log.js';

/** The log of a single process that keeps each entry as bytes. */
export class RecordingLog implements CommandLog {
  readonly entries: Buffer[] = [];
  readonly epoch: string;
  private readonly log: MemoryCommandLog;

  constructor(clock: Clock) {
    this.log = new MemoryCommandLog(clock);
    this.epoch = this.log.epoch;
  }

  append(command: LoggedCommand, by: string | null, reason: string | null): unknown {
    return this.log.append(command, by, reason);
  }

  post(command: LoggedCommand): void {
    this.log.post(command);
  }

  /** Keeps an entry before it is applied: its packets may be gone afterwards. */
  subscribe(apply: Apply): void {
    this.log.subscribe((entry) => {
      this.entries.push(encodeEntry(entry));
      return apply(entry);
    });
  }
}
