import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Log } from '../../ground/ports.js';
import { LogLimit } from '../../limits/log-throttle.js';
import type { Credentials } from '../../security/certificates.js';
import type { SendError } from '../../service/ports.js';
import { formatAddress } from '../../wire/address.js';

/**
 * In TLS 1.3 a client is done before the machine has looked at its certificate. What the machine says first, its session
 * tickets, shows that it has: a moment later, a machine that does not want us has closed. One that says nothing is given longer.
 */
const MACHINE_SPOKE_MS = 20;
const MACHINE_SILENT_MS = 250;

/** Our side of TLS on connections to `bins` machines. */
export class OutgoingTls {
  private readonly limit = new LogLimit(() => performance.now());
  private unverifiedSaid = false;

  constructor(
    private readonly credentials: () => Credentials,
    private readonly log: Log,
  ) {}

  /**
   * Resolves with the encrypted connection, or with the reason why there is none, after destroying it. Never rejects.
   * Only the TLS socket is destroyed, which destroys `tcp` in turn.
   * With an authority, it must have signed the machine's certificate. The name in that is not looked at, as in OpenSIPS
   * (tls_mgm verifies the chain): machines are known by their addresses.
   */
  secure(tcp: Socket, timeoutMs: number, signal: AbortSignal): Promise<TLSSocket | SendError> {
    const credentials = this.credentials();
    const verified = credentials.ca !== undefined;
    if (!verified) this.sayUnverified();
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
        this.limit.log(machine, () => this.log.warn({ machine, error, reason }, 'TLS with this machine failed'));
        settle(error);
      };
      let timer = setTimeout(fail, timeoutMs, 'timeout', 'the handshake was not done in time');
      const openIn = (ms: number): void => {
        clearTimeout(timer);
        if (!settled) timer = setTimeout(settle, ms, socket);
      };
      signal.addEventListener('abort', abort);
      socket.once('secureConnect', () => openIn(MACHINE_SILENT_MS));
      socket.once('session', () => openIn(MACHINE_SPOKE_MS));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code === 'ECONNRESET' ? 'reset' : 'refused', error.code ?? error.message);
      });
      socket.once('end', () => fail('reset', 'the machine closed the connection'));
      socket.once('close', () => fail('reset', 'the connection was closed'));
      // A machine says nothing here, but its goodbye must be heard.
      socket.resume();
    });
  }

  private sayUnverified(): void {
    if (this.unverifiedSaid) return;
    this.unverifiedSaid = true;
    const message =
      'CLUSTERER_BINS_CA is not set: connections to bins machines are encrypted, but nobody checks whom they reach';
    this.log.warn({}, message);
  }
}
