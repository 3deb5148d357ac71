/** A notification of JSON-RPC 2.0, as text. */
export function notification(method: string, params: object): string {
  return notificationOf(method, JSON.stringify(params));
}

/** The same for parameters that are JSON already. */
export function notificationOf(method: string, json: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${json}}`;
}
