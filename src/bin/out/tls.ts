import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import type { Credentials } from '../../security/certificates.js';
import type { SendError } from '../../service/ports/sender.js';
import { formatAddress } from '../../wire/address.js';

/**
 * In TLS 1.3 the handshake ends for the client before the machine has checked its certificate. The session tickets of the machine show
 * that it has: a machine that rejects us closes shortly after. A machine that sends no tickets gets more time.
 */
const AFTER_TICKET_MS = 20;
const WITHOUT_TICKET_MS = 250;

/** The client side of TLS, on connections to `bins` machines. */
export class OutgoingTls {
  private readonly limit = new LogThrottle(() => performance.now());
  private warnedUnverified = false;

  constructor(
    private readonly credentials: () => Credentials,
    private readonly log: Log,
  ) {}

  /**
   * Resolves with the encrypted connection, or with the reason why there is none, after destroying it. Never rejects.
   * Only the TLS socket is destroyed, which destroys `tcp` in turn.
   * With a CA, the machine's certificate must be signed by it. The name in the certificate is not checked, as in OpenSIPS
   * (tls_mgm verifies the chain only): machines are identified by their addresses.
   */
  secure(tcp: Socket, timeoutMs: number, signal: AbortSignal): Promise<TLSSocket | SendError> {
    const credentials = this.credentials();
    const verified = credentials.ca !== undefined;
    if (!verified) this.warnUnverified();
    const machine = formatAddress(tcp.remoteAddress ?? '', tcp.remotePort ?? 0);
    return new Promise((resolve) => {
      const socket = connect({
        ...credentials,
        socket: tcp,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: verified,
        checkServerIdentity: () => undefined,
      });
      let settled = false;
      const settle = (result: TLSSocket | SendError): void => {
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        if (result !== socket) socket.destroy();
        resolve(result);
      };
      const abort = (): void => settle('reset');
      const fail = (error: SendError, reason: string): void => {
        if (settled) return;
        this.limit.log(machine, () =>
          this.log.warn({ machine, error, reason }, 'TLS handshake with this machine failed'),
        );
        settle(error);
      };
      let timer = setTimeout(fail, timeoutMs, 'timeout', 'handshake time-out');
      const openIn = (ms: number): void => {
        clearTimeout(timer);
        if (!settled) timer = setTimeout(settle, ms, socket);
      };
      signal.addEventListener('abort', abort);
      socket.once('secureConnect', () => openIn(WITHOUT_TICKET_MS));
      socket.once('session', () => openIn(AFTER_TICKET_MS));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code === 'ECONNRESET' ? 'reset' : 'refused', error.code ?? error.message);
      });
      socket.once('end', () => fail('reset', 'closed by the machine'));
      socket.once('close', () => fail('reset', 'connection closed'));
      // A machine sends nothing here, but its FIN must be read.
      socket.resume();
    });
  }

  private warnUnverified(): void {
    if (this.warnedUnverified) return;
    this.warnedUnverified = true;
    const message =
      'CLUSTERER_BINS_CA is not set: connections to bins machines are encrypted, but their certificates are not verified';
    this.log.warn({}, message);
  }
}
