import type { RegistrationRequest } from '../../domain/reception.js';

/** How a registration ended. */
export type EndCause = 'unregistered' | 'expired' | 'overflow' | 'stop';

/** What happens to a registration. `id` is its secret, which the appender has drawn. */
export type RegistrationChange =
  /** Its number is the next one when the command is applied. */
  | { readonly change: 'create'; readonly owner: string | null; readonly request: RegistrationRequest }
  /** A socket of the replica that appended this carries it from now on. */
  | { readonly change: 'resume' }
  /** Changes nothing. When it is applied, everything that came before it is applied here too. */
  | { readonly change: 'look' }
  /** Its socket is gone: the grace period begins. Counts only if no resume came first, which `carries` tells. */
  | { readonly change: 'release'; readonly carries: number }
  /** Takes a release back: the others took a replica for dead whose socket is open. Counts as `release` does. */
  | { readonly change: 'keep'; readonly carries: number }
  /** Its grace period is over. Counts as `release` does. */
  | { readonly change: 'expire'; readonly carries: number }
  | { readonly change: 'end'; readonly cause: Exclude<EndCause, 'expired'> };

export type RegistrationCommand = { readonly type: 'registration'; readonly id: string } & RegistrationChange;
