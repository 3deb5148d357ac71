import type { Apply, CommandLog } from '../../../src/service/log/command-log.js';
import { decodeEntry } from '../../../src/service/log/entry-codec.js';

/** A log that gets its entries from another one, and takes none. */
export class ReplayedLog implements CommandLog {
  private apply: Apply | null = null;

  constructor(readonly epoch: string) {}

  append(): never {
    throw new Error('a replay changed something by itself');
  }

  post(): never {
    return this.append();
  }

  subscribe(apply: Apply): void {
    this.apply = apply;
  }

  replay(entries: readonly Buffer[]): void {
    for (const bytes of entries) this.apply?.(decodeEntry(bytes));
  }
}
