import { randomBytes } from 'node:crypto';
import type { RegistrationRequest } from '../../domain/reception.js';
import type { Resume, ResumeFailure } from '../../schemas/registration.js';
import type { EngineLoop } from '../engine-loop.js';
import type { RegistrationLog, Subscriber } from './registration-log.js';
import { exhausted, sameRequest } from './registration-request.js';
import type { Registrations } from './registrations.js';

/** What a socket asks for: a new registration, or one that it resumes. Both wait until the log has the change. */
export class RegistrationCalls {
  constructor(
    private readonly loop: EngineLoop,
    private readonly registrations: Registrations,
    private readonly maxRegistrations: number,
    private readonly epoch: string,
  ) {}

  /** @throws `registrations_exhausted` */
  async register(request: RegistrationRequest, owner: string | null, subscriber: Subscriber): Promise<RegistrationLog> {
    if (this.registrations.count >= this.maxRegistrations) throw exhausted(this.maxRegistrations);
    const id = randomBytes(18).toString('base64url');
    const log = await this.registrations.carry(id, { change: 'create', owner, request }, subscriber, 0);
    if (log === null) throw new Error('the command log lost a registration');
    // Last: what it brings needs the log.
    if (request.sync) this.loop.post({ type: 'sync', number: log.registration.number });
    return log;
  }

  /**
   * Moves a registration to this subscriber, which is sent again what follows `seq`. A registration whose log no longer covers
   * `seq` ends, because its client is about to make a new one.
   */
  async resume(
    resume: Resume,
    request: RegistrationRequest,
    owner: string | null,
    subscriber: Subscriber,
  ): Promise<RegistrationLog | ResumeFailure> {
    const { registration: id, seq } = resume;
    if (resume.epoch !== this.epoch) return { reason: 'epoch', missed: null };
    if (this.mayFollow(resume)) await this.loop.apply({ type: 'registration', id, change: 'look' });
    const log = this.registrations.withId(id);
    if (log === undefined) return { reason: this.registrations.hasExpired(id) ? 'expired' : 'unknown', missed: null };
    // Only its owner may learn that it exists.
    if (log.owner !== owner) return { reason: 'unknown', missed: null };
    if (!sameRequest(log, request) || seq > log.seq) return { reason: 'mismatch', missed: null };
    if (!log.covers(seq)) {
      if (log.subscriber !== subscriber) log.subscriber?.replaced(log);
      await this.registrations.unregister(log, 'overflow');
      return { reason: 'overflow', missed: log.seq - seq };
    }
    // It may have ended, or another socket may have resumed it, since.
    return (
      (await this.registrations.carry(id, { change: 'resume' }, subscriber, seq)) ?? { reason: 'unknown', missed: null }
    );
  }

  /** Whether another replica may have applied entries that made this resume possible, and that have not come here yet. */
  private mayFollow({ registration: id, seq }: Resume): boolean {
    const log = this.registrations.withId(id);
    return log === undefined ? !this.registrations.hasExpired(id) : seq > log.seq;
  }
}
