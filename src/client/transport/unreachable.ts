/** What went wrong below HTTP. */
export interface Trouble {
  readonly message: string;
  /** As Node names it; empty where nobody says. */
  readonly code: string;
}

/** What to do about a service that is there and cannot be used, by Node's code. */
const THERE: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED|^UNABLE_TO_|^CERT_UNTRUSTED$|^INVALID_CA$/,
    'The authority of its certificate is not known here: name that authority’s certificate file in NODE_EXTRA_CA_CERTS.',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'Use a name that its certificate holds.'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'Renew its certificate, or correct the clock of this machine.'],
  [/^(EPROTO|ERR_SSL_.*)$/, 'If it does not speak TLS, write http: in place of https: (ws: in place of wss:).'],
];

/** A service that speaks TLS closes a connection that begins with anything else. */
const CLOSED = /^(ECONNRESET|UND_ERR_SOCKET)$/;

/** What was thrown, or lies under it. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return { message: String(error), code: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // A name with several addresses fails with one error for each, and no words of its own.
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const messages = parts.map((part) => (part instanceof Error ? part.message : String(part)));
  // OpenSSL's own words are for its makers.
  return { message: code === 'EPROTO' || code.startsWith('ERR_SSL_') ? code : messages.join(', '), code };
}

/** Why there is no connection, and what to do about it. The query stays out: it may hold a secret of a proxy. */
export function unreachableText(address: string, { message, code }: Trouble): string {
  const [url = address] = address.split('?');
  const [, remedy] = THERE.find(([pattern]) => pattern.test(code)) ?? [];
  if (remedy !== undefined) return `The service at ${url} cannot be used: ${message}. ${remedy}`;
  if (CLOSED.test(code) && /^(http|ws):/.test(url)) {
    return `What listens at ${url} has closed the connection: ${message}. If it speaks TLS, write https: in place of http: (wss: in place of ws:).`;
  }
  return `There is no service at ${url}: ${message}. Start it, or correct the URL.`;
}
