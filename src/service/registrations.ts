import { randomBytes } from 'node:crypto';
import type { Notification, RegistrationRequest } from '../domain/reception.js';
import type { EngineLoop } from './engine-loop.js';
import type { Clock, Log } from './ports.js';
import { RegistrationLog } from './registration-log.js';

export interface ReplayOptions {
  /** What one registration keeps. */
  readonly replayBytes: number;
  /** How long what was sent is kept, and how long a registration lives on without its socket. */
  readonly replaySeconds: number;
  /** What all registrations keep together. */
  readonly replayTotalBytes: number;
}

/** What a client remembers of a registration when it comes back. */
export interface Resume {
  readonly registration: string;
  readonly epoch: string;
  readonly seq: number;
}

/** Why a registration could not be resumed whole, and how many notifications are lost where that is known. */
export interface Refusal {
  readonly reason: 'epoch' | 'expired' | 'overflow' | 'unknown' | 'mismatch';
  readonly missed: number | null;
}

/** Registrations that have expired are remembered up to this many, so that one who comes back late is told why. */
const MOST_REMEMBERED = 1_000;

/** The registrations in force, each with its log; with or without a socket. */
export class Registrations {
  private readonly logs = new Map<number, RegistrationLog>();
  private readonly byId = new Map<string, RegistrationLog>();
  private readonly graces = new Map<RegistrationLog, () => void>();
  private readonly expired = new Set<string>();
  private keptBytes = 0;
  private lastNumber = 0;
  private cancelSweep: (() => void) | null = null;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly clock: Clock; readonly log: Log },
    private readonly options: ReplayOptions,
    private readonly epoch: string,
    private readonly onChange: (method: 'module_registered' | 'module_unregistered', log: RegistrationLog) => void,
  ) {}

  /** By ascending number. */
  get all(): Iterable<RegistrationLog> {
    return this.logs.values();
  }

  /** What all logs keep, in bytes. */
  get bytes(): number {
    return this.keptBytes;
  }

  register(request: RegistrationRequest, owner: object): RegistrationLog {
    const number = ++this.lastNumber;
    this.loop.apply({ type: 'register', number, request });
    const registration = this.loop.engine.receiving.registration(number);
    if (registration === undefined) throw new Error('the engine lost a registration');
    const id = randomBytes(18).toString('base64url');
    const log = new RegistrationLog(id, registration, owner, this.ports.clock.now().unixMs);
    this.logs.set(number, log);
    this.byId.set(id, log);
    this.ports.log.info(described(log), 'module registered');
    this.onChange('module_registered', log);
    return log;
  }

  /**
   * Takes a registration over from the socket that held it, if that is possible without a gap. A registration that is
   * found but cannot be resumed ends here: its client is about to get another.
   */
  resume(resume: Resume, request: RegistrationRequest, owner: object): RegistrationLog | Refusal {
    const { registration: id, seq } = resume;
    if (resume.epoch !== this.epoch) return { reason: 'epoch', missed: null };
    const log = this.byId.get(id);
    if (log === undefined) return { reason: this.expired.has(id) ? 'expired' : 'unknown', missed: null };
    // Whoever is not the one that registered learns no more than that.
    if (log.owner !== owner) return { reason: 'unknown', missed: null };
    if (!sameRequest(log, request) || seq > log.seq) return { reason: 'mismatch', missed: null };
    const { holder } = log;
    log.holder = null;
    holder?.replaced(log);
    if (log.covers(seq)) return log;
    this.unregister(log);
    return { reason: 'overflow', missed: log.seq - seq };
  }

  /** A socket follows the log from `seq` on. */
  hold(log: RegistrationLog, holder: NonNullable<RegistrationLog['holder']>, seq: number): void {
    this.graces.get(log)?.();
    this.graces.delete(log);
    log.holder = holder;
    log.sentSeq = seq;
  }

  /** The socket is gone, its client may come back: the registration lives on for the grace period, watches and all. */
  release(log: RegistrationLog): void {
    log.holder = null;
    if (!this.logs.has(log.registration.number)) return;
    if (this.options.replaySeconds === 0) {
      this.unregister(log);
      return;
    }
    const cancel = this.ports.clock.after(this.options.replaySeconds * 1000, () => this.expire(log));
    this.graces.set(log, cancel);
  }

  unregister(log: RegistrationLog): void {
    const { number } = log.registration;
    if (!this.logs.delete(number)) return;
    this.byId.delete(log.id);
    this.graces.get(log)?.();
    this.graces.delete(log);
    log.holder = null;
    this.keptBytes -= log.keptBytes;
    this.loop.apply({ type: 'unregister', number });
    this.ports.log.info(described(log), 'module unregistered');
    this.onChange('module_unregistered', log);
  }

  append(number: number, notification: Notification): void {
    const log = this.logs.get(number);
    if (log === undefined) return;
    const { replayBytes, replayTotalBytes } = this.options;
    this.keptBytes += log.append(notification, this.ports.clock.now().monotonicMs);
    if (log.keptBytes > replayBytes) this.keptBytes -= log.shrinkTo(replayBytes);
    if (this.keptBytes > replayTotalBytes) this.makeRoom();
    this.armSweep();
  }

  /** Ends every registration: nobody can come back to this process. */
  stop(): void {
    for (const log of this.logs.values()) this.unregister(log);
    this.cancelSweep?.();
  }

  private expire(log: RegistrationLog): void {
    this.expired.add(log.id);
    if (this.expired.size > MOST_REMEMBERED) {
      for (const oldest of this.expired) {
        this.expired.delete(oldest);
        break;
      }
    }
    this.unregister(log);
  }

  /** The largest gives half of what it has: whoever keeps little keeps it. */
  private makeRoom(): void {
    while (this.keptBytes > this.options.replayTotalBytes) {
      let largest: RegistrationLog | null = null;
      for (const log of this.logs.values()) {
        if (largest === null || log.keptBytes > largest.keptBytes) largest = log;
      }
      if (largest === null) return;
      this.keptBytes -= largest.shrinkTo(largest.keptBytes / 2);
    }
  }

  /** Armed only while something is kept; looks twice in the time that things are kept for. */
  private armSweep(): void {
    if (this.cancelSweep !== null || this.keptBytes === 0) return;
    this.cancelSweep = this.ports.clock.after(Math.max(500, this.options.replaySeconds * 500), () => {
      this.cancelSweep = null;
      this.sweep();
      this.armSweep();
    });
  }

  /** In the grace period nothing ages: the client must find what it missed, however long that was on its way to it. */
  private sweep(): void {
    const before = this.ports.clock.now().monotonicMs - this.options.replaySeconds * 1000;
    for (const log of this.logs.values()) {
      if (log.holder !== null) this.keptBytes -= log.forgetSentBefore(before);
    }
  }
}

function sameRequest({ registration }: RegistrationLog, request: RegistrationRequest): boolean {
  return (
    registration.module === request.module &&
    registration.protocol === request.protocol &&
    registration.clusterId === request.clusterId &&
    registration.timeoutMs === request.timeoutMs &&
    registration.authCheck === request.authCheck
  );
}

function described(log: RegistrationLog): object {
  const { number, module, protocol, clusterId, timeoutMs, authCheck } = log.registration;
  return { number, module, protocol, cluster_id: clusterId, timeout_ms: timeoutMs, auth_check: authCheck };
}
