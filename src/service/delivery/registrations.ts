import { randomBytes } from 'node:crypto';
import type { Notification, Registration, RegistrationRequest } from '../../domain/reception.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock, Log } from '../../ground/ports.js';
import type { Resume, ResumeFailure } from '../../schemas/registration.js';
import type { EngineLoop } from '../engine-loop.js';
import { Keepalives } from './keepalives.js';
import type { RegistrationLog, Subscriber } from './registration-log.js';
import { Retention, type RetentionOptions } from './retention.js';

export interface RegistrationOptions extends RetentionOptions {
  readonly maxRegistrations: number;
}

/** How a registration ended. */
export type EndCause = 'unregistered' | 'expired' | 'overflow' | 'stop';

/** Expired registrations that are remembered, so that a late resume learns why it failed. */
const EXPIRED_LIMIT = 1_000;

/** The registrations in force, each with its log. One without a socket is in its grace period. */
export class Registrations {
  private readonly logs = new Map<number, RegistrationLog>();
  private readonly byId = new Map<string, RegistrationLog>();
  private readonly graces = new Map<RegistrationLog, () => void>();
  private readonly expired = new Set<string>();
  private readonly retention: Retention;
  private readonly keepalives: Keepalives;
  private lastNumber = 0;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly clock: Clock; readonly log: Log },
    private readonly options: RegistrationOptions,
    private readonly epoch: string,
    private readonly onChange: (log: RegistrationLog, ended: EndCause | null) => void,
    sendKeepalive: (registration: Registration) => void,
  ) {
    this.keepalives = new Keepalives(ports.clock, sendKeepalive);
    this.retention = new Retention(this.logs, ports.clock, options);
  }

  /** By ascending number. */
  get all(): Iterable<RegistrationLog> {
    return this.logs.values();
  }

  /** @throws `registrations_exhausted` */
  register(request: RegistrationRequest, owner: string | null, subscriber: Subscriber): RegistrationLog {
    if (this.logs.size >= this.options.maxRegistrations) throw exhausted(this.options.maxRegistrations);
    const number = ++this.lastNumber;
    this.loop.apply({ type: 'register', number, request });
    const registration = this.loop.engine.receiving.registration(number);
    if (registration === undefined) throw new Error('the engine lost a registration');
    const id = randomBytes(18).toString('base64url');
    const log = this.retention.createLog(id, registration, owner, this.ports.clock.now().unixMs);
    log.subscriber = subscriber;
    this.logs.set(number, log);
    this.byId.set(id, log);
    this.ports.log.info(fieldsOf(log), 'module registered');
    this.onChange(log, null);
    this.keepalives.start(log);
    // Last: what it brings needs the log.
    if (request.sync) this.loop.apply({ type: 'sync', number });
    return log;
  }

  /**
   * Moves a registration to this subscriber, which is sent again what follows `seq`. A registration whose log no longer covers
   * `seq` ends, because its client is about to make a new one.
   */
  resume(
    resume: Resume,
    request: RegistrationRequest,
    owner: string | null,
    subscriber: Subscriber,
  ): RegistrationLog | ResumeFailure {
    const { registration: id, seq } = resume;
    if (resume.epoch !== this.epoch) return { reason: 'epoch', missed: null };
    const log = this.byId.get(id);
    if (log === undefined) return { reason: this.expired.has(id) ? 'expired' : 'unknown', missed: null };
    // Only its owner may learn that it exists.
    if (log.owner !== owner) return { reason: 'unknown', missed: null };
    if (!sameRequest(log, request) || seq > log.seq) return { reason: 'mismatch', missed: null };
    // A socket may resume what it carries itself.
    if (log.subscriber !== subscriber) log.subscriber?.replaced(log);
    if (!log.covers(seq)) {
      this.unregister(log, 'overflow');
      return { reason: 'overflow', missed: log.seq - seq };
    }
    this.graces.get(log)?.();
    this.graces.delete(log);
    log.subscriber = subscriber;
    log.sentSeq = seq;
    this.keepalives.start(log);
    return log;
  }

  /** The socket is gone, but its client may come back: starts the grace period. */
  release(log: RegistrationLog): void {
    log.subscriber = null;
    this.keepalives.stop(log);
    if (!this.logs.has(log.registration.number)) return;
    // By a timer even for a grace period of 0: an effect of the engine may be what closes the socket, and the engine must not be
    // entered while it performs one.
    const cancel = this.ports.clock.after(this.options.replaySeconds * 1000, () => this.expire(log));
    this.graces.set(log, cancel);
  }

  /** The registration with this id, if the subscriber carries it. */
  carriedBy(subscriber: Subscriber, id: string): RegistrationLog | undefined {
    const log = this.byId.get(id);
    return log?.subscriber === subscriber ? log : undefined;
  }

  unregister(log: RegistrationLog, cause: EndCause = 'unregistered'): void {
    const { number } = log.registration;
    if (!this.logs.delete(number)) return;
    this.byId.delete(log.id);
    this.graces.get(log)?.();
    this.graces.delete(log);
    log.subscriber?.unfollow(log);
    log.subscriber = null;
    this.keepalives.stop(log);
    this.retention.drop(log);
    this.loop.apply({ type: 'unregister', number });
    this.ports.log.info(fieldsOf(log), 'module unregistered');
    this.onChange(log, cause);
  }

  /** `nowMs` is monotonic. */
  append(number: number, notification: Notification, nowMs: number): void {
    const log = this.logs.get(number);
    if (log !== undefined) this.retention.append(log, notification, nowMs);
  }

  /** Ends every registration: no client can resume in another process. */
  stop(): void {
    for (const log of this.logs.values()) this.unregister(log, 'stop');
    this.retention.stop();
  }

  private expire(log: RegistrationLog): void {
    this.expired.add(log.id);
    if (this.expired.size > EXPIRED_LIMIT) {
      for (const oldest of this.expired) {
        this.expired.delete(oldest);
        break;
      }
    }
    this.unregister(log, 'expired');
  }
}

function exhausted(limit: number): ServiceError {
  const detail = `At most ${limit} registrations may be in force (CLUSTERER_MAX_REGISTRATIONS); end one, or try again later.`;
  return new ServiceError('registrations_exhausted', detail);
}

function sameRequest({ registration }: RegistrationLog, request: RegistrationRequest): boolean {
  return (
    registration.module === request.module &&
    registration.protocol === request.protocol &&
    registration.clusterId === request.clusterId &&
    registration.timeoutMs === request.timeoutMs &&
    registration.authCheck === request.authCheck &&
    registration.keepaliveMs === (request.keepaliveMs ?? 0) &&
    registration.sync === (request.sync ?? false) &&
    registration.decode === (request.decode ?? false)
  );
}

function fieldsOf(log: RegistrationLog): object {
  const { number, module, protocol, clusterId, timeoutMs, authCheck, keepaliveMs, sync, decode } = log.registration;
  const request = { module, protocol, cluster_id: clusterId, timeout_ms: timeoutMs, auth_check: authCheck };
  return {
    number,
    ...request,
    ...(keepaliveMs > 0 && { keepalive_ms: keepaliveMs }),
    ...(sync && { sync }),
    ...(decode && { decode }),
  };
}
