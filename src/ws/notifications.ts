import type { NotificationName, Notifications } from '../schemas/notifications.js';

/** A JSON-RPC 2.0 notification. */
export function notification<M extends NotificationName>(method: M, params: Notifications[M]): string {
  return notificationOf(method, JSON.stringify(params));
}

/** The same, with parameters that are already JSON. */
export function notificationOf(method: NotificationName, json: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${json}}`;
}
