import type { Registration } from '../../domain/reception.js';
import type { Clock } from '../../ground/ports.js';
import type { RegistrationLog } from './registration-log.js';

/**
 * Sends empty packets for modules that rarely send: OpenSIPS ignores a sender for twice its time-out after one time-out of silence.
 * A registration that asks for it sends one at once, and then at its interval, while a socket carries it.
 */
export class Keepalives {
  private readonly cancels = new Map<RegistrationLog, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly send: (registration: Registration) => void,
  ) {}

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
