import type { RegistrationRequest } from '../../domain/reception.js';

/** How a registration ended. */
export type EndCause = 'unregistered' | 'expired' | 'overflow' | 'stop';

/** What happens to a registration. `id` is its secret, which the appender has drawn. */
export type RegistrationChange =
  /** Its number is the next one when the command is applied. */
  | { readonly change: 'create'; readonly owner: string | null; readonly request: RegistrationRequest }
  /** A socket of the replica that appended this carries it from now on. */
  | { readonly change: 'resume' }
  /** Its socket is gone: the grace period begins. */
  | { readonly change: 'release' }
  /** `expired` counts only while no socket carries it: a resume may have come first. */
  | { readonly change: 'end'; readonly cause: EndCause };

export type RegistrationCommand = { readonly type: 'registration'; readonly id: string } & RegistrationChange;
