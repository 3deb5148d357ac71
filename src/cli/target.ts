import type { Command } from 'commander';
import { type Endpoint, endpointOf } from '../client/transport/endpoint.js';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

/** The service that a command talks to, and the token it sends. */
export interface Target {
  readonly url: string;
  readonly token: string | undefined;
  /** Base URL of the REST routes. */
  readonly restUrl: string;
}

/** Reads `--url` and `--token`; an empty value counts as not set. @throws ClientError `invalid_input` */
export function targetOf(command: Command): Target {
  const { url, token } = command.optsWithGlobals<{ url?: string; token?: string }>();
  const given = url || DEFAULT_URL;
  const endpoint = endpointOf(given, token, 'clusterer.v1');
  return { url: given, token: endpoint.token, restUrl: restUrlOf(endpoint) };
}

/** The REST routes are siblings of the socket's `/ws`. */
function restUrlOf({ url }: Endpoint): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol.replace('ws', 'http')}//${host}${pathname.slice(0, -'/ws'.length)}`;
}
