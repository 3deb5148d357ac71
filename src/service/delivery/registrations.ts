import { randomBytes } from 'node:crypto';
import type { Notification, Registration, RegistrationRequest } from '../../domain/reception.js';
import type { Clock, Log } from '../../ground/ports.js';
import type { Resume, ResumeFailure } from '../../schemas/registration.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Entry } from '../log/command-log.js';
import type { EndCause, RegistrationChange, RegistrationCommand } from '../log/registration-command.js';
import { Keepalives } from './keepalives.js';
import type { RegistrationLog, Subscriber } from './registration-log.js';
import { exhausted, fieldsOf, sameRequest } from './registration-request.js';
import { Retention, type RetentionOptions } from './retention.js';

export interface RegistrationOptions extends RetentionOptions {
  readonly maxRegistrations: number;
}

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
    loop.changeRegistration = (command, entry) => this.apply(command, entry);
  }

  /** By ascending number. */
  get all(): Iterable<RegistrationLog> {
    return this.logs.values();
  }

  /** @throws `registrations_exhausted` */
  register(request: RegistrationRequest, owner: string | null, subscriber: Subscriber): RegistrationLog {
    if (this.logs.size >= this.options.maxRegistrations) throw exhausted(this.options.maxRegistrations);
    const id = randomBytes(18).toString('base64url');
    this.change(id, { change: 'create', owner, request });
    const log = this.byId.get(id);
    if (log === undefined) throw new Error('the command log lost a registration');
    log.subscriber = subscriber;
    this.keepalives.start(log);
    // Last: what it brings needs the log.
    if (request.sync) this.loop.apply({ type: 'sync', number: log.registration.number });
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
    this.change(id, { change: 'resume' });
    log.subscriber = subscriber;
    log.sentSeq = seq;
    this.keepalives.start(log);
    return log;
  }

  /** The socket is gone, but its client may come back: starts the grace period. */
  release(log: RegistrationLog): void {
    log.subscriber = null;
    this.keepalives.stop(log);
    if (this.logs.has(log.registration.number)) this.change(log.id, { change: 'release' });
  }

  /** The registration with this id, if the subscriber carries it. */
  carriedBy(subscriber: Subscriber, id: string): RegistrationLog | undefined {
    const log = this.byId.get(id);
    return log?.subscriber === subscriber ? log : undefined;
  }

  unregister(log: RegistrationLog, cause: EndCause = 'unregistered'): void {
    if (this.logs.has(log.registration.number)) this.change(log.id, { change: 'end', cause });
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

  private change(id: string, change: RegistrationChange): void {
    this.loop.apply({ type: 'registration', id, ...change });
  }

  private apply(command: RegistrationCommand, entry: Entry): void {
    if (command.change === 'create') {
      this.create(command.id, command.owner, command.request, entry);
      return;
    }
    const log = this.byId.get(command.id);
    if (log === undefined) return;
    switch (command.change) {
      case 'resume':
        this.endGrace(log);
        log.holder = entry.replica;
        break;
      case 'release':
        log.holder = null;
        this.beginGrace(log);
        break;
      case 'end':
        if (command.cause !== 'expired' || log.holder === null) this.end(log, command.cause, entry);
        break;
      default:
        command satisfies never;
    }
  }

  private create(id: string, owner: string | null, request: RegistrationRequest, entry: Entry): void {
    const number = ++this.lastNumber;
    this.loop.applyAt({ type: 'register', number, request }, entry);
    const registration = this.loop.engine.receiving.registration(number);
    if (registration === undefined) throw new Error('the engine lost a registration');
    const log = this.retention.createLog(id, registration, owner, entry.now.unixMs);
    log.holder = entry.replica;
    this.logs.set(number, log);
    this.byId.set(id, log);
    this.ports.log.info(fieldsOf(log), 'module registered');
    this.onChange(log, null);
  }

  private end(log: RegistrationLog, cause: EndCause, entry: Entry): void {
    const { number } = log.registration;
    this.logs.delete(number);
    this.byId.delete(log.id);
    this.endGrace(log);
    if (cause === 'expired') this.rememberExpired(log.id);
    log.holder = null;
    log.subscriber?.unfollow(log);
    log.subscriber = null;
    this.keepalives.stop(log);
    this.retention.drop(log);
    this.loop.applyAt({ type: 'unregister', number }, entry);
    this.ports.log.info(fieldsOf(log), 'module unregistered');
    this.onChange(log, cause);
  }

  /** By a timer even for a grace period of 0: an effect may be what closes the socket, and the engine must not be entered meanwhile. */
  private beginGrace(log: RegistrationLog): void {
    const cancel = this.ports.clock.after(this.options.replaySeconds * 1000, () => this.unregister(log, 'expired'));
    this.graces.set(log, cancel);
  }

  private endGrace(log: RegistrationLog): void {
    this.graces.get(log)?.();
    this.graces.delete(log);
  }

  private rememberExpired(id: string): void {
    this.expired.add(id);
    if (this.expired.size <= EXPIRED_LIMIT) return;
    for (const oldest of this.expired) {
      this.expired.delete(oldest);
      break;
    }
  }
}
