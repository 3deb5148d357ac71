import { randomBytes } from 'node:crypto';
import type { Clock } from '../../ground/ports.js';
import type { Apply, CommandLog, LoggedCommand } from './command-log.js';

/** The name of the only replica. */
export const SINGLE = 'single';

/** The log of a single process: it keeps nothing, and appending applies at once. */
export class MemoryCommandLog implements CommandLog {
  readonly epoch = randomBytes(9).toString('base64url');
  private position = 0;
  private apply: Apply = () => {
    throw new Error('The command log has no subscriber.');
  };

  constructor(private readonly clock: Clock) {}

  append(command: LoggedCommand, by: string | null, reason: string | null): unknown {
    return this.apply({
      position: ++this.position,
      now: this.clock.now(),
      replica: SINGLE,
      by,
      reason,
      command,
    });
  }

  post(command: LoggedCommand): void {
    this.append(command, null, null);
  }

  subscribe(apply: Apply): void {
    this.apply = apply;
  }
}
