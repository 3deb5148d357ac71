import { messageOf } from '../../ground/message-of.js';

/** A failure below HTTP. */
export interface NetworkFailure {
  readonly message: string;
  /** Node's code of the error, or empty. */
  readonly code: string;
}

/** The remedy for a service that responds but cannot be used, by Node's error code. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED|^UNABLE_TO_|^CERT_UNTRUSTED$|^INVALID_CA$/,
    'Its certificate is signed by an unknown authority: name the certificate file of that authority in NODE_EXTRA_CA_CERTS.',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'Use a host name that its certificate contains.'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'Renew its certificate, or correct the clock of this machine.'],
  [/^(EPROTO|ERR_SSL_.*)$/, 'If it does not speak TLS, write http: in place of https: (ws: in place of wss:).'],
];

/** A TLS service closes a connection that does not start with TLS. */
const CLOSED = /^(ECONNRESET|UND_ERR_SOCKET)$/;

/** Reads a failure from anything thrown. */
export function networkFailureOf(error: unknown): NetworkFailure {
  if (!(error instanceof Error)) return { message: String(error), code: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // A host with several addresses fails with one error for each of them, and an empty message of its own.
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const messages = parts.map(messageOf);
  // The messages of OpenSSL only help its developers.
  return { message: code === 'EPROTO' || code.startsWith('ERR_SSL_') ? code : messages.join(', '), code };
}

/** Why there is no connection, and what to do. Leaves out the query, which may contain a secret for a proxy. */
export function unreachableText(address: string, { message, code }: NetworkFailure): string {
  const [url = address] = address.split('?');
  const [, remedy] = REMEDIES.find(([pattern]) => pattern.test(code)) ?? [];
  if (remedy !== undefined) return `The service at ${url} cannot be used: ${message}. ${remedy}`;
  if (CLOSED.test(code) && /^(http|ws):/.test(url)) {
    return `The server at ${url} closed the connection: ${message}. If it speaks TLS, write https: in place of http: (wss: in place of ws:).`;
  }
  return `There is no service at ${url}: ${message}. Start it, or correct the URL.`;
}
