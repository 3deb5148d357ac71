import type { Clock } from '../../ground/ports.js';
import type { RegistrationLog } from './registration-log.js';

/** The registrations without a socket, whose clients may come back. */
export class GracePeriods {
  private readonly ends = new Map<RegistrationLog, () => void>();

  /** @param over called when the period of a registration is over; `carries` is that of its beginning */
  constructor(
    private readonly clock: Clock,
    private readonly seconds: number,
    private readonly over: (log: RegistrationLog, carries: number) => void,
  ) {}

  has(log: RegistrationLog): boolean {
    return this.ends.has(log);
  }

  /** By a timer even for a period of 0: an effect may be what closes the socket, and the engine must not be entered meanwhile. */
  begin(log: RegistrationLog): void {
    this.end(log);
    const { carries } = log;
    const over = () => {
      this.ends.delete(log);
      this.over(log, carries);
    };
    this.ends.set(log, this.clock.after(this.seconds * 1_000, over));
  }

  end(log: RegistrationLog): void {
    this.ends.get(log)?.();
    this.ends.delete(log);
  }
}
