import { randomBytes } from 'node:crypto';
import type { Notification, RegistrationRequest } from '../domain/reception.js';
import type { EngineLoop } from './engine-loop.js';
import type { Clock, Log } from './ports.js';
import { RegistrationLog } from './registration-log.js';

/** The registrations in force, each with its log. */
export class Registrations {
  private readonly logs = new Map<number, RegistrationLog>();
  private lastNumber = 0;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly clock: Clock; readonly log: Log },
  ) {}

  /** By ascending number. */
  get all(): Iterable<RegistrationLog> {
    return this.logs.values();
  }

  register(request: RegistrationRequest): RegistrationLog {
    const number = ++this.lastNumber;
    this.loop.apply({ type: 'register', number, request });
    const registration = this.loop.engine.receiving.registration(number);
    if (registration === undefined) throw new Error('the engine lost a registration');
    const id = randomBytes(18).toString('base64url');
    const log = new RegistrationLog(id, registration, this.ports.clock.now().unixMs);
    this.logs.set(number, log);
    this.ports.log.info(described(log), 'module registered');
    return log;
  }

  unregister(log: RegistrationLog): void {
    if (!this.logs.delete(log.registration.number)) return;
    log.onAppend = null;
    this.loop.apply({ type: 'unregister', number: log.registration.number });
    this.ports.log.info(described(log), 'module unregistered');
  }

  append(number: number, notification: Notification): void {
    this.logs.get(number)?.append(notification);
  }
}

function described(log: RegistrationLog): object {
  const { number, module, protocol, clusterId, timeoutMs, authCheck } = log.registration;
  return { number, module, protocol, cluster_id: clusterId, timeout_ms: timeoutMs, auth_check: authCheck };
}
