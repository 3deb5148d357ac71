import { ClientError } from '../error.js';

/** Packets as JSON, or as binary frames. */
export type Subprotocol = 'clusterer.v1' | 'clusterer.v1.bin';

/** Where to connect, and with which token. */
export interface Endpoint {
  /** `ws:` or `wss:`, ending in `/ws`. */
  readonly url: string;
  readonly subprotocol: Subprotocol;
  readonly token: string | undefined;
}

/** Accepts `http(s):` and `ws(s):` URLs, with or without `/ws`. @throws ClientError `invalid_input` */
export function endpointOf(url: string, token: string | undefined, subprotocol: Subprotocol): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^(http|ws)s?:$/.test(parsed.protocol)) {
    throw new ClientError('invalid_input', 'url must be the URL of the service, such as http://127.0.0.1:8080.');
  }
  // They have no use here, and with a special character in it, part of a password would become the path, which messages show.
  if (/@/.test(url)) {
    throw new ClientError(
      'invalid_input',
      'url must not contain a user, a password or another @; pass the token as an option.',
    );
  }
  if (subprotocol !== 'clusterer.v1' && subprotocol !== 'clusterer.v1.bin') {
    throw new ClientError('invalid_input', 'subprotocol must be clusterer.v1 or clusterer.v1.bin.');
  }
  if (token !== undefined && !/^[!-~]*$/.test(token)) {
    throw new ClientError('invalid_input', 'token must consist of visible ASCII characters, without spaces.');
  }
  const path = parsed.pathname.replace(/\/+$/, '');
  const scheme = parsed.protocol.replace('http', 'ws');
  const socketPath = path.endsWith('/ws') ? path : `${path}/ws`;
  const endpoint = `${scheme}//${parsed.host}${socketPath}${parsed.search}`;
  return { url: endpoint, subprotocol, token: token === '' ? undefined : token };
}
