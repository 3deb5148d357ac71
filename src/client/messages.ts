import type { FailureView } from '../schemas/failure.js';
import type { Notifications } from '../schemas/notifications.js';
import type { ChangeEvent } from './events.js';

export type Welcome = Notifications['welcome'];

/** Notifications of these names, each with what it carries. */
type Named<N extends keyof Notifications> = {
  readonly [M in N]: { readonly method: M; readonly params: Notifications[M] };
}[N];

/** A notification of a registration, as its frame says it. */
export type Told = Named<'packet' | 'timeout' | 'temp_disabled' | 'up'>;

export type Notification = Told | ChangeEvent | Named<'welcome' | 'going_away'>;

/** A frame of text: a notification, or the answer to a request. */
export interface Message {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: FailureView;
}
