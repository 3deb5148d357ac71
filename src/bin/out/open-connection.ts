import { createConnection, type Socket } from 'node:net';
import type { Resolution, Resolver } from '../../service/ports/resolver.js';
import type { SendError } from '../../service/ports/sender.js';
import { ipsAfter } from '../../service/table/ips-after.js';
import { canonicalIp } from '../../wire/address.js';
import { SOCKET_OPTIONS } from '../socket-options.js';
import type { OutgoingTls } from './tls.js';

export interface ConnectOptions {
  /** The source IP address of connections; null: the system chooses. */
  readonly localAddress: string | null;
  /** Limits the connect, and then the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** TLS of connections to `bins` machines. */
  readonly tls: OutgoingTls;
}

/** Longer than a look-up normally takes. */
const SLOW_LOOKUP_MS = 250;

/** What an error of connect(2) means. All others are `refused` (ECONNREFUSED, EHOSTUNREACH, EPERM of a firewall …). */
const MEANINGS: Readonly<Record<string, SendError>> = {
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout',
  // Our address cannot reach the machine's address.
  EADDRNOTAVAIL: 'address_unusable',
  EAFNOSUPPORT: 'address_unusable',
  EINVAL: 'address_unusable',
  ENETUNREACH: 'address_unusable',
  // Our side has no port or descriptor left. That is not the machine's fault, and not a failed attempt.
  EADDRINUSE: 'address_unusable',
  EMFILE: 'address_unusable',
  ENFILE: 'address_unusable',
  ENOBUFS: 'address_unusable',
};

/**
 * Looks the host up and connects. Resolves with a connected socket, or with the reason why there is none. Never rejects.
 * @param onResolved gets the result of the look-up, even when it is too late for this connection
 */
export async function openConnection(
  target: { readonly protocol: string; readonly host: string; readonly port: number; readonly ip: string | null },
  options: ConnectOptions,
  resolver: Resolver,
  onResolved: (found: Resolution) => void,
  signal: AbortSignal,
): Promise<Socket | SendError> {
  const ip = canonicalIp(target.host) ?? (await lookUpAgain(target.host, target.ip, resolver, onResolved));
  if (ip === null) return 'unresolved';
  if (signal.aborted) return 'reset';
  const connected = await connect(ip, target.port, options, signal);
  if (typeof connected === 'string' || target.protocol !== 'bins') return connected;
  if (signal.aborted) {
    connected.destroy();
    return 'reset';
  }
  return options.tls.secure(connected, options.connectTimeoutMs, signal);
}

/**
 * Looks up a host with a known address again; while that is slow, the known address is used. A host without an address is not
 * looked up here: the service does that, at intervals.
 */
function lookUpAgain(
  host: string,
  known: string | null,
  resolver: Resolver,
  onResolved: (found: Resolution) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    if (known === null) return resolve(null);
    const timer = setTimeout(resolve, SLOW_LOOKUP_MS, known);
    void resolver.resolve(host).then((found) => {
      clearTimeout(timer);
      onResolved(found);
      resolve(ipsAfter([known], found)[0] ?? null);
    });
  });
}

function connect(ip: string, port: number, options: ConnectOptions, signal: AbortSignal): Promise<Socket | SendError> {
  const from = options.localAddress === null ? {} : { localAddress: options.localAddress };
  return new Promise((resolve) => {
    const socket = createConnection({ host: ip, port, ...from, ...SOCKET_OPTIONS });
    const end = (result: Socket | SendError): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(result);
    };
    const fail = (error: SendError): void => {
      socket.destroy();
      end(error);
    };
    const abort = (): void => fail('reset');
    const timer = setTimeout(fail, options.connectTimeoutMs, 'timeout');
    // Not the socket's own option `signal`: it would outlive the connect, and destroy the socket below a TLS socket.
    signal.addEventListener('abort', abort);
    socket.once('connect', () => end(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => end(MEANINGS[error.code ?? ''] ?? 'refused'));
  });
}
