import { ServiceError } from '../ground/errors.js';
import type { Clock } from '../ground/ports.js';

/** Shorter interruptions only delay commands. */
const AWAY_MS = 500;
const CHECK_MS = 100;

/** Whether the log takes commands. */
export class Availability {
  private awaySince: number | null = null;
  private wasAway = false;
  private cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly isReachable: () => boolean,
    private readonly changed: (unavailable: ServiceError | null) => void,
  ) {
    this.check();
  }

  /** For how long the log has been away, in milliseconds; null while it is there. */
  get awayMs(): number | null {
    return this.wasAway && this.awaySince !== null ? this.clock.now().monotonicMs - this.awaySince : null;
  }

  stop(): void {
    this.cancel();
  }

  private check(): void {
    const now = this.clock.now().monotonicMs;
    if (this.isReachable()) this.awaySince = null;
    else this.awaySince ??= now;
    const isAway = this.awaySince !== null && now - this.awaySince >= AWAY_MS;
    if (isAway !== this.wasAway) {
      this.wasAway = isAway;
      this.changed(isAway ? logUnavailable() : null);
    }
    this.cancel = this.clock.after(CHECK_MS, () => this.check());
  }
}

function logUnavailable(): ServiceError {
  return new ServiceError(
    'log_unavailable',
    'The log that the replicas share cannot be reached. Repeat the call later.',
  );
}
