import type { RegistrationRequest } from '../domain/reception.js';
import { ServiceError } from '../ground/errors.js';
import type { Snapshot } from '../schemas/changes.js';
import type { Resume } from '../schemas/registration.js';
import type { Caller } from '../security/tokens.js';
import type { Registered } from '../service/calls/module-calls.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { RegistrationLog } from '../service/delivery/registration-log.js';
import type { Watches } from './change-subscriptions.js';
import type { Feed } from './feed.js';

/** Who asks, and what a request may do to the socket it came by. */
export interface Asker {
  readonly caller: Caller;
  /** From now on this socket carries the registration. @throws `too_many_registrations`, `protocol_not_supported` */
  register(request: RegistrationRequest, resume?: Resume): Registered;
  /** @throws `unknown_registration` when this socket does not hold it, whoever else may */
  unregister(id: string): void;
  watch(clusterId: number | null): Snapshot;
  unwatch(clusterId: number | null): void;
}

/** One message and its answer. What it starts flows only behind the answer, which names it. */
export class Request implements Asker {
  private readonly followed: RegistrationLog[] = [];
  private readonly watched: (number | null)[] = [];

  constructor(
    readonly caller: Caller,
    private readonly feed: Feed,
    private readonly watches: Watches,
    private readonly service: ClusterService,
    private readonly maxRegistrations: number,
  ) {}

  register(request: RegistrationRequest, resume?: Resume): Registered {
    const again = resume !== undefined && this.held(resume.registration) !== undefined;
    if (this.feed.size >= this.maxRegistrations && !again) {
      const detail = `A socket carries at most ${this.maxRegistrations} registrations; open another one.`;
      throw new ServiceError('too_many_registrations', detail);
    }
    const registered = this.service.modules.register(request, this.caller, this.feed, resume);
    this.feed.follow(registered.log);
    this.followed.push(registered.log);
    return registered;
  }

  unregister(id: string): void {
    const log = this.held(id);
    if (log === undefined) throw new ServiceError('unknown_registration', 'This socket holds no such registration.');
    this.service.registrations.unregister(log);
  }

  watch(clusterId: number | null): Snapshot {
    this.watched.push(clusterId);
    return this.watches.start(clusterId);
  }

  unwatch(clusterId: number | null): void {
    this.watches.stop(clusterId);
  }

  private held(id: string): RegistrationLog | undefined {
    return this.service.registrations.heldBy(this.feed, id);
  }

  /** The answer has been sent. */
  answered(): void {
    for (const log of this.followed) this.feed.announced(log);
    for (const clusterId of this.watched) this.watches.announced(clusterId);
  }
}
