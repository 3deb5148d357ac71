import { createConnection, type Socket } from 'node:net';
import type { Resolution, Resolver, SendError } from '../../service/ports.js';
import { ipsAfter } from '../../service/table/ips-after.js';
import { canonicalIp } from '../../wire/address.js';
import { SOCKET_OPTIONS } from '../socket-options.js';
import type { OutgoingTls } from './tls.js';

export interface ConnectOptions {
  /** The IP address connections come from; null: the system chooses. */
  readonly localAddress: string | null;
  /** Bounds the connect, and then the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** Makes connections to `bins` machines secret. */
  readonly tls: OutgoingTls;
}

/** Longer than a look-up takes where all is well. */
const SLOW_LOOKUP_MS = 250;

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
 * `onResolved` hears what became of a host name, also when that comes too late for this connection.
 */
export async function openConnection(
  target: { readonly protocol: string; readonly host: string; readonly port: number; readonly ip: string | null },
  options: ConnectOptions,
  resolver: Resolver,
  onResolved: (found: Resolution) => void,
  signal: AbortSignal,
): Promise<Socket | SendError> {
  const ip = canonicalIp(target.host) ?? (await newest(target.host, target.ip, resolver, onResolved));
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
 * Looks a host up again whose address is known, which is used while that is slow. One without an address is not looked up here: the
 * service does so, at its intervals.
 */
function newest(
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
