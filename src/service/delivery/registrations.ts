import { randomBytes } from 'node:crypto';
import type { Notification, Registration, RegistrationRequest } from '../../domain/reception.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock, Log } from '../../ground/ports.js';
import type { Refusal, Resume } from '../../schemas/registration.js';
import type { EngineLoop } from '../engine-loop.js';
import { Keepalives } from './keepalives.js';
import { type Holder, RegistrationLog } from './registration-log.js';
import { Replay, type ReplayOptions } from './retention.js';

export interface RegistrationOptions extends ReplayOptions {
  readonly maxRegistrations: number;
}

/** How a registration ended. */
export type EndCause = 'unregistered' | 'expired' | 'overflow' | 'stop';

/** Registrations that have expired are remembered up to this many, so that one who comes back late is told why. */
const MOST_REMEMBERED = 1_000;

/** The registrations in force, each with its log; with or without a socket. */
export class Registrations {
  private readonly logs = new Map<number, RegistrationLog>();
  private readonly byId = new Map<string, RegistrationLog>();
  private readonly graces = new Map<RegistrationLog, () => void>();
  private readonly expired = new Set<string>();
  private readonly replay: Replay;
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
    this.replay = new Replay(this.logs, ports.clock, options);
  }

  /** By ascending number. */
  get all(): Iterable<RegistrationLog> {
    return this.logs.values();
  }

  /** @throws `registrations_exhausted` */
  register(request: RegistrationRequest, owner: string | null, holder: Holder): RegistrationLog {
    if (this.logs.size >= this.options.maxRegistrations) throw exhausted(this.options.maxRegistrations);
    const number = ++this.lastNumber;
    this.loop.apply({ type: 'register', number, request });
    const registration = this.loop.engine.receiving.registration(number);
    if (registration === undefined) throw new Error('the engine lost a registration');
    const id = randomBytes(18).toString('base64url');
    const { blocks, runBytes } = this.replay;
    const log = new RegistrationLog(id, registration, owner, this.ports.clock.now().unixMs, blocks, runBytes);
    log.holder = holder;
    this.logs.set(number, log);
    this.byId.set(id, log);
    this.ports.log.info(described(log), 'module registered');
    this.onChange(log, null);
    this.keepalives.start(log);
    return log;
  }

  /**
   * Takes a registration over from the socket that held it, if that is possible without a gap: what follows `seq` is
   * sent again. One that has kept too little for that ends here, since its client is about to get another.
   */
  resume(
    resume: Resume,
    request: RegistrationRequest,
    owner: string | null,
    holder: Holder,
  ): RegistrationLog | Refusal {
    const { registration: id, seq } = resume;
    if (resume.epoch !== this.epoch) return { reason: 'epoch', missed: null };
    const log = this.byId.get(id);
    if (log === undefined) return { reason: this.expired.has(id) ? 'expired' : 'unknown', missed: null };
    // Whoever is not the one that registered learns no more than that.
    if (log.owner !== owner) return { reason: 'unknown', missed: null };
    if (!sameRequest(log, request) || seq > log.seq) return { reason: 'mismatch', missed: null };
    // A socket may also ask again for what it holds itself.
    if (log.holder !== holder) log.holder?.replaced(log);
    if (!log.covers(seq)) {
      this.unregister(log, 'overflow');
      return { reason: 'overflow', missed: log.seq - seq };
    }
    this.graces.get(log)?.();
    this.graces.delete(log);
    log.holder = holder;
    log.sentSeq = seq;
    this.keepalives.start(log);
    return log;
  }

  /** The socket is gone, its client may come back: the registration lives on for the grace period, watches and all. */
  release(log: RegistrationLog): void {
    log.holder = null;
    this.keepalives.stop(log);
    if (!this.logs.has(log.registration.number)) return;
    // Never at once, not even after a grace period of 0: a socket may be closed for what an effect of the engine sends to it.
    const cancel = this.ports.clock.after(this.options.replaySeconds * 1000, () => this.expire(log));
    this.graces.set(log, cancel);
  }

  /** The registration of that id, if this holder carries it. */
  heldBy(holder: Holder, id: string): RegistrationLog | undefined {
    const log = this.byId.get(id);
    return log?.holder === holder ? log : undefined;
  }

  unregister(log: RegistrationLog, cause: EndCause = 'unregistered'): void {
    const { number } = log.registration;
    if (!this.logs.delete(number)) return;
    this.byId.delete(log.id);
    this.graces.get(log)?.();
    this.graces.delete(log);
    log.holder?.forget(log);
    log.holder = null;
    this.keepalives.stop(log);
    this.replay.forget(log);
    this.loop.apply({ type: 'unregister', number });
    this.ports.log.info(described(log), 'module unregistered');
    this.onChange(log, cause);
  }

  append(number: number, notification: Notification): void {
    const log = this.logs.get(number);
    if (log !== undefined) this.replay.append(log, notification);
  }

  /** Ends every registration: nobody can come back to this process. */
  stop(): void {
    for (const log of this.logs.values()) this.unregister(log, 'stop');
    this.replay.stop();
  }

  private expire(log: RegistrationLog): void {
    this.expired.add(log.id);
    if (this.expired.size > MOST_REMEMBERED) {
      for (const oldest of this.expired) {
        this.expired.delete(oldest);
        break;
      }
    }
    this.unregister(log, 'expired');
  }
}

function exhausted(most: number): ServiceError {
  const detail = `At most ${most} registrations may be in force (CLUSTERER_MAX_REGISTRATIONS); end one, or try again later.`;
  return new ServiceError('registrations_exhausted', detail);
}

function sameRequest({ registration }: RegistrationLog, request: RegistrationRequest): boolean {
  return (
    registration.module === request.module &&
    registration.protocol === request.protocol &&
    registration.clusterId === request.clusterId &&
    registration.timeoutMs === request.timeoutMs &&
    registration.authCheck === request.authCheck &&
    registration.keepaliveMs === (request.keepaliveMs ?? 0)
  );
}

function described(log: RegistrationLog): object {
  const { number, module, protocol, clusterId, timeoutMs, authCheck, keepaliveMs } = log.registration;
  const request = { module, protocol, cluster_id: clusterId, timeout_ms: timeoutMs, auth_check: authCheck };
  return { number, ...request, ...(keepaliveMs > 0 && { keepalive_ms: keepaliveMs }) };
}
