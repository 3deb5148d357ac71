import type { FailureView } from '../schemas/failure.js';
import type { Notifications } from '../schemas/notifications.js';
import type { ChangeEvent } from './events.js';

export type Welcome = Notifications['welcome'];

/** Notifications of these names, each with its parameters. */
type Named<N extends keyof Notifications> = {
  readonly [M in N]: { readonly method: M; readonly params: Notifications[M] };
}[N];

export type RegistrationNotification = Named<
  'packet' | 'timeout' | 'temp_disabled' | 'up' | 'sync_started' | 'sync_ended'
>;

export type Notification = RegistrationNotification | ChangeEvent | Named<'welcome' | 'going_away'>;

/** A text frame: a notification, or the answer to a request. */
export interface Message {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: FailureView;
}
