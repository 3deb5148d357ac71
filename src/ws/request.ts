import type { RegistrationRequest } from '../domain/reception.js';
import { ServiceError } from '../ground/errors.js';
import type { Snapshot } from '../schemas/changes.js';
import type { Resume } from '../schemas/registration.js';
import type { SocketAnswers } from '../schemas/socket.js';
import type { Caller } from '../security/tokens.js';
import type { Registered } from '../service/calls/module-calls.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { RegistrationLog } from '../service/delivery/registration-log.js';
import type { ChangeSubscriptions } from './change-subscriptions.js';
import type { LogReader } from './log-reader.js';

/** The caller, and what a method may do to the caller's socket. */
export interface RequestContext {
  readonly caller: Caller;
  /** Makes this socket carry a registration. @throws `too_many_registrations`, `protocol_not_supported`, `sync_not_supported`, `decode_not_supported` */
  register(request: RegistrationRequest, resume?: Resume): Promise<Registered>;
  /** @throws `unknown_registration` when this socket does not carry it, even if another one does */
  unregister(id: string): Promise<void>;
  /** Asks again for what other machines hold. @throws `unknown_registration` as above, `sync_not_supported` */
  resync(id: string): Promise<SocketAnswers['resync']>;
  watch(clusterId: number | null): Snapshot;
  unwatch(clusterId: number | null): void;
}

/** One message and its answer. What it starts sends nothing before the answer, which names it. */
export class Request implements RequestContext {
  private readonly followed: RegistrationLog[] = [];
  private readonly watched: (number | null)[] = [];

  constructor(
    readonly caller: Caller,
    private readonly reader: LogReader,
    private readonly changes: ChangeSubscriptions,
    private readonly service: ClusterService,
    private readonly maxRegistrations: number,
  ) {}

  async register(request: RegistrationRequest, resume?: Resume): Promise<Registered> {
    const isCarried = resume !== undefined && this.carried(resume.registration) !== undefined;
    if (this.reader.size + this.reader.awaited >= this.maxRegistrations && !isCarried) {
      const detail = `A socket may carry at most ${this.maxRegistrations} registrations; open another socket.`;
      throw new ServiceError('too_many_registrations', detail);
    }
    if (request.decode) this.checkRedaction();
    this.reader.awaited++;
    try {
      const registered = await this.service.modules.register(request, this.caller, this.reader, resume);
      this.followed.push(registered.log);
      return registered;
    } catch (error) {
      this.reader.awaited--;
      throw error;
    }
  }

  /** Binary frames contain the whole payload. @throws `decode_not_supported` */
  private checkRedaction(): void {
    if (!this.reader.binary || !this.service.decoder.isRedacting) return;
    const detail =
      'Fields of decoded packets are redacted (CLUSTERER_REDACT), which binary frames cannot be. Use the subprotocol clusterer.v1, or register without decode.';
    throw new ServiceError('decode_not_supported', detail);
  }

  async unregister(id: string): Promise<void> {
    await this.service.registrations.unregister(this.known(id));
  }

  async resync(id: string): Promise<SocketAnswers['resync']> {
    await this.service.modules.resync(this.known(id));
    return { started: true };
  }

  watch(clusterId: number | null): Snapshot {
    this.watched.push(clusterId);
    return this.changes.start(clusterId);
  }

  unwatch(clusterId: number | null): void {
    this.changes.stop(clusterId);
  }

  private known(id: string): RegistrationLog {
    const log = this.carried(id);
    if (log !== undefined) return log;
    throw new ServiceError('unknown_registration', 'This socket does not carry a registration with this id.');
  }

  private carried(id: string): RegistrationLog | undefined {
    return this.service.registrations.carriedBy(this.reader, id);
  }

  /** The answer has been sent. */
  answered(): void {
    for (const log of this.followed) this.reader.announced(log);
    for (const clusterId of this.watched) this.changes.announced(clusterId);
  }
}
