import type { Notification, Registration, RegistrationRequest } from '../../domain/reception.js';
import type { Clock, Log } from '../../ground/ports.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Leadership } from '../leadership.js';
import type { Entry } from '../log/command-log.js';
import type { EndCause, RegistrationChange, RegistrationCommand } from '../log/registration-command.js';
import { ExpiredIds } from './expired-ids.js';
import { GracePeriods } from './grace-periods.js';
import { Keepalives } from './keepalives.js';
import type { RegistrationLog, Subscriber } from './registration-log.js';
import { fieldsOf } from './registration-request.js';
import type { RegistrationsState } from './registrations-state.js';
import { Retention, type RetentionOptions } from './retention.js';

/** A socket that waits for its registration. */
interface Waiting {
  readonly subscriber: Subscriber;
  /** The last that it has received. */
  readonly seq: number;
  /** What it got; null before. */
  log: RegistrationLog | null;
}

/** The registrations in force, each with its log. One without a socket is in its grace period. */
export class Registrations {
  private readonly logs = new Map<number, RegistrationLog>();
  private readonly byId = new Map<string, RegistrationLog>();
  private readonly graces: GracePeriods;
  private readonly expired = new ExpiredIds();
  /** By the id of the registration. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly retention: Retention;
  private readonly keepalives: Keepalives;
  private lastNumber = 0;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly clock: Clock; readonly log: Log; readonly leadership: Leadership },
    options: RetentionOptions,
    private readonly onChange: (log: RegistrationLog, ended: EndCause | null) => void,
    sendKeepalive: (registration: Registration) => void,
  ) {
    this.keepalives = new Keepalives(ports.clock, sendKeepalive);
    this.retention = new Retention(this.logs, ports.clock, options);
    this.graces = new GracePeriods(ports.clock, options.replaySeconds, (log, carries) => {
      if (ports.leadership.isLeading) this.post(log.id, { change: 'expire', carries });
    });
    loop.changeRegistration = (command, entry) => this.apply(command, entry);
    loop.interrupted = (ms) => this.retention.interrupted(ms);
  }

  /** By ascending number. */
  get all(): Iterable<RegistrationLog> {
    return this.logs.values();
  }

  get count(): number {
    return this.logs.size;
  }

  withId(id: string): RegistrationLog | undefined {
    return this.byId.get(id);
  }

  hasExpired(id: string): boolean {
    return this.expired.has(id);
  }

  /** The subscriber carries the registration as soon as the change is applied. Null: it has ended, or another open socket carries it. */
  async carry(
    id: string,
    change: RegistrationChange,
    subscriber: Subscriber,
    seq: number,
  ): Promise<RegistrationLog | null> {
    const waiting: Waiting = { subscriber, seq, log: null };
    this.waiting.set(id, waiting);
    try {
      await this.loop.apply({ type: 'registration', id, ...change });
    } finally {
      // Another socket may wait for the same registration by now.
      if (this.waiting.get(id) === waiting) this.waiting.delete(id);
    }
    const { log } = waiting;
    const isCarried = log?.subscriber === subscriber;
    // A socket that has closed since has released or ended it: nobody reads the response, and that is no fault.
    if (log === null || (!isCarried && !subscriber.isClosed)) return null;
    if (isCarried && subscriber.isClosed) this.release(log);
    else if (isCarried) this.keepalives.start(log);
    return log;
  }

  /** The socket is gone, but its client may come back: starts the grace period. */
  release(log: RegistrationLog): void {
    log.subscriber = null;
    this.keepalives.stop(log);
    if (this.has(log)) this.post(log.id, { change: 'release', carries: log.carries });
  }

  /** The registration with this id, if the subscriber carries it. */
  carriedBy(subscriber: Subscriber, id: string): RegistrationLog | undefined {
    const log = this.byId.get(id);
    return log?.subscriber === subscriber ? log : undefined;
  }

  async unregister(log: RegistrationLog, cause: 'unregistered' | 'overflow' = 'unregistered'): Promise<void> {
    if (this.has(log)) await this.loop.apply({ type: 'registration', id: log.id, change: 'end', cause });
  }

  /** The same for a client that has closed its socket. */
  abandon(log: RegistrationLog): void {
    if (this.has(log)) this.post(log.id, { change: 'end', cause: 'unregistered' });
  }

  /** `nowMs` is monotonic. */
  append(number: number, notification: Notification, nowMs: number): void {
    const log = this.logs.get(number);
    if (log !== undefined) this.retention.append(log, notification, nowMs);
  }

  /** What all replicas know. */
  state(): RegistrationsState {
    const registrations = [...this.all].map((log) => {
      const { id, registration, owner, since, holder, carries, seq } = log;
      return { id, number: registration.number, owner, since, holder, carries, seq };
    });
    return { lastNumber: this.lastNumber, expired: this.expired.all, registrations };
  }

  /**
   * Takes the state of another replica, before the first entry and after the engine has its registrations. The logs continue with their `seq`s and
   * hold no notification before those. Grace periods begin again: their ends are entries, and the first one counts.
   */
  restore({ lastNumber, expired, registrations }: RegistrationsState): void {
    this.lastNumber = lastNumber;
    for (const id of expired) this.expired.add(id);
    for (const { id, number, owner, since, holder, carries, seq } of registrations) {
      const registration = this.loop.engine.receiveSide.registration(number);
      if (registration === undefined) throw new RangeError(`The engine has no registration ${number}.`);
      const log = this.retention.createLog(id, registration, owner, since);
      log.continueAfter(seq);
      log.holder = holder;
      log.carries = carries;
      this.logs.set(number, log);
      this.byId.set(id, log);
      if (holder === null) this.graces.begin(log);
    }
  }

  /** This replica leads from now on, and so ends grace periods. One that ended while nobody led begins again. */
  lead(): void {
    for (const log of this.logs.values()) if (log.holder === null && !this.graces.has(log)) this.graces.begin(log);
  }

  /** The sockets of replicas that do not run any more are gone. */
  releaseUnless(isAlive: (replica: string) => boolean): void {
    for (const log of this.logs.values()) {
      if (log.holder !== null && !isAlive(log.holder)) this.post(log.id, { change: 'release', carries: log.carries });
    }
  }

  /** Ends every registration, because no client can resume in another process. With replicas, only the sockets here end. */
  stop(): void {
    if (!this.ports.leadership.isReplica) {
      for (const log of this.logs.values()) this.post(log.id, { change: 'end', cause: 'stop' });
    }
    this.retention.stop();
  }

  private has(log: RegistrationLog): boolean {
    return this.byId.get(log.id) === log;
  }

  private post(id: string, change: RegistrationChange): void {
    this.loop.post({ type: 'registration', id, ...change });
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
        this.graces.end(log);
        this.carriedFrom(log, entry);
        break;
      case 'look':
        break;
      case 'release':
        if (command.carries !== log.carries) break;
        log.holder = null;
        this.graces.begin(log);
        // The others could not hear this replica, but its socket is open.
        if (log.subscriber !== null) this.post(log.id, { change: 'keep', carries: log.carries });
        break;
      case 'keep':
        if (command.carries !== log.carries || log.holder !== null) break;
        log.holder = entry.replica;
        this.graces.end(log);
        break;
      case 'expire':
        if (command.carries === log.carries && log.holder === null) this.end(log, 'expired', entry);
        break;
      case 'end':
        this.end(log, command.cause, entry);
        break;
      default:
        command satisfies never;
    }
  }

  /**
   * Whether the client of an open socket knows that its registration has ended. It does not when the others could not hear this replica, or
   * when the client has gone on at another one.
   */
  private knowsEnd(cause: EndCause, { replica }: Entry): boolean {
    if (cause === 'expired') return false;
    return cause !== 'overflow' || replica === this.ports.leadership.replica;
  }

  private create(id: string, owner: string | null, request: RegistrationRequest, entry: Entry): void {
    const number = ++this.lastNumber;
    this.loop.applyAt({ type: 'register', number, request }, entry);
    const registration = this.loop.engine.receiveSide.registration(number);
    if (registration === undefined) throw new Error('the engine lost a registration');
    const log = this.retention.createLog(id, registration, owner, entry.now.unixMs);
    this.logs.set(number, log);
    this.byId.set(id, log);
    this.carriedFrom(log, entry);
    this.ports.log.info(fieldsOf(log), 'module registered');
    this.onChange(log, null);
  }

  /** A socket of the replica that appended the entry carries the registration from now on, and no other. */
  private carriedFrom(log: RegistrationLog, { replica }: Entry): void {
    log.holder = replica;
    log.carries++;
    const isOurs = replica === this.ports.leadership.replica;
    const next = isOurs ? this.waiting.get(log.id) : undefined;
    // A socket may resume what it carries itself.
    if (log.subscriber !== null && log.subscriber !== next?.subscriber) {
      this.keepalives.stop(log);
      log.subscriber.replaced(log);
    }
    log.subscriber = next?.subscriber ?? null;
    if (next !== undefined) {
      next.log = log;
      log.sentSeq = next.seq;
      next.subscriber.follow(log);
    } else if (isOurs && this.ports.leadership.isReplica) {
      // The call has failed before its entry came, because the log was away: there is no socket, and none would ever be closed.
      this.release(log);
    }
  }

  private end(log: RegistrationLog, cause: EndCause, entry: Entry): void {
    const { number } = log.registration;
    this.logs.delete(number);
    this.byId.delete(log.id);
    this.graces.end(log);
    if (cause === 'expired') this.expired.add(log.id);
    log.holder = null;
    if (this.knowsEnd(cause, entry)) log.subscriber?.unfollow(log);
    else log.subscriber?.replaced(log);
    log.subscriber = null;
    this.keepalives.stop(log);
    this.retention.drop(log);
    this.loop.applyAt({ type: 'unregister', number }, entry);
    this.ports.log.info(fieldsOf(log), 'module unregistered');
    this.onChange(log, cause);
  }
}
