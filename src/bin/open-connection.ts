import { createConnection, type Socket } from 'node:net';
import type { Resolver, SendError } from '../service/ports.js';
import { canonicalIp } from '../wire/address.js';
import type { OutgoingTls } from './outgoing-tls.js';

export interface ConnectOptions {
  /** The IP address connections come from; null, `0.0.0.0` or `::`: the system chooses. */
  readonly localAddress: string | null;
  /** Bounds the look-up, then the connect, and then the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** Makes connections to `bins` machines secret. */
  readonly tls: OutgoingTls;
}

/** Notices a peer that vanished without a word, so that a later send opens a new connection. */
const KEEP_ALIVE_MS = 30_000;

/** What a system error of a connect means; any other is `refused` (ECONNREFUSED, EHOSTUNREACH, a firewall's EPERM …). */
const MEANINGS: Readonly<Record<string, SendError>> = {
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout',
  // Our address and the machine's do not go together.
  EADDRNOTAVAIL: 'address_unusable',
  EAFNOSUPPORT: 'address_unusable',
  EINVAL: 'address_unusable',
  ENETUNREACH: 'address_unusable',
  // Our side has no port or descriptor left; the machine is not to blame, so it must count no attempt.
  EADDRINUSE: 'address_unusable',
  EMFILE: 'address_unusable',
  ENFILE: 'address_unusable',
  ENOBUFS: 'address_unusable',
};

/**
 * Looks the host up and connects. Resolves with a connected socket or the reason why there is none; never rejects.
 * `onResolved` hears what became of a host name, even when the answer comes too late for this connection.
 */
export async function openConnection(
  target: { readonly protocol: string; readonly host: string; readonly port: number },
  options: ConnectOptions,
  resolver: Resolver,
  onResolved: (ip: string | null) => void,
  signal: AbortSignal,
): Promise<Socket | SendError> {
  const ip = canonicalIp(target.host) ?? (await lookUp(target.host, options.connectTimeoutMs, resolver, onResolved));
  if (ip === null) return 'unresolved';
  if (signal.aborted) return 'reset';
  const connected = await connect(ip, target.port, options, signal);
  if (typeof connected === 'string' || target.protocol !== 'bins') return connected;
  return options.tls.secure(connected, options.connectTimeoutMs);
}

/** A look-up may take far longer than anyone who waits for a packet's outcome should. */
function lookUp(
  host: string,
  timeoutMs: number,
  resolver: Resolver,
  onResolved: (ip: string | null) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs, null);
    void resolver.resolve(host).then((ip) => {
      clearTimeout(timer);
      onResolved(ip);
      resolve(ip);
    });
  });
}

function connect(ip: string, port: number, options: ConnectOptions, signal: AbortSignal): Promise<Socket | SendError> {
  const isWildcard = options.localAddress === '0.0.0.0' || options.localAddress === '::';
  const from = options.localAddress === null || isWildcard ? {} : { localAddress: options.localAddress };
  return new Promise((resolve) => {
    const socket = createConnection({
      host: ip,
      port,
      ...from,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      signal,
    });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve('timeout');
    }, options.connectTimeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(MEANINGS[error.code ?? ''] ?? 'refused');
    });
  });
}
