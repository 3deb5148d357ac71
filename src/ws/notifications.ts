import type { NotificationName, Notifications } from '../schemas/notifications.js';

/** A notification of JSON-RPC 2.0, as text. */
export function notification<M extends NotificationName>(method: M, params: Notifications[M]): string {
  return notificationOf(method, JSON.stringify(params));
}

/** The same for parameters that are JSON already. */
export function notificationOf(method: NotificationName, json: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${json}}`;
}
