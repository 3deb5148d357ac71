import type { Registration } from '../../domain/reception.js';
import type { Clock } from '../../ground/ports.js';
import type { RegistrationLog } from './registration-log.js';

/**
 * Keeps the cluster listening to modules that rarely send: OpenSIPS ignores, for twice its time-out, who was silent for one. For a registration
 * that asks for it, an empty packet goes out at its interval, the first at once, while a socket carries it.
 */
export class Keepalives {
  private readonly cancels = new Map<RegistrationLog, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly send: (registration: Registration) => void,
  ) {}

  /** A socket carries the registration from now on. */
  start(log: RegistrationLog): void {
    this.stop(log);
    if (log.registration.keepaliveMs > 0) this.beat(log);
  }

  stop(log: RegistrationLog): void {
    this.cancels.get(log)?.();
    this.cancels.delete(log);
  }

  private beat(log: RegistrationLog): void {
    const { registration } = log;
    this.cancels.set(
      log,
      this.clock.after(registration.keepaliveMs, () => this.beat(log)),
    );
    this.send(registration);
  }
}
