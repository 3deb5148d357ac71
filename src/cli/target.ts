import type { Command } from 'commander';
import { type Endpoint, endpointOf } from '../client/transport/endpoint.js';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

/** The service that is asked, and as whom. */
export interface Target {
  readonly url: string;
  readonly token: string | undefined;
  /** Where its routes begin. */
  readonly restUrl: string;
}

/** Reads `--url` and `--token`; an empty one counts as none. @throws ClientError `invalid_input` */
export function targetOf(command: Command): Target {
  const { url, token } = command.optsWithGlobals<{ url?: string; token?: string }>();
  const given = url || DEFAULT_URL;
  const endpoint = endpointOf(given, token, 'clusterer.v1');
  return { url: given, token: endpoint.token, restUrl: restUrlOf(endpoint) };
}

/** The socket's address in any of its spellings has the routes beside it. */
function restUrlOf({ url }: Endpoint): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol.replace('ws', 'http')}//${host}${pathname.slice(0, -'/ws'.length)}`;
}
