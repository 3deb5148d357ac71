import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Credentials } from '../../security/certificates.js';

export type HandshakeFault = 'tls_failed' | 'tls_timeout';

/** What became of a handshake. */
export interface HandshakeOutcome {
  /** The connection is encrypted, and its client has shown what it had to. */
  secured(socket: TLSSocket): void;
  /** The connection is destroyed. `reason` is what is known beyond that: the code of an error. */
  failed(fault: HandshakeFault, reason?: string): void;
}

/** The service's side of TLS handshakes, on connections that somebody else has accepted. */
export class Handshakes {
  /** Never listens itself: it is given connections. */
  private readonly server: Server;
  /** Those under way, by the address and port of the client. */
  private readonly underWay = new Map<string, HandshakeOutcome>();

  /** @param timeoutMs how long a handshake may take */
  constructor(credentials: Credentials, timeoutMs: number) {
    this.server = createServer({ ...rules(credentials), handshakeTimeout: timeoutMs }, (socket) => {
      const outcome = this.take(keyOf(socket));
      if (outcome !== undefined) outcome.secured(socket);
      // The client has gone meanwhile, and its address with it; an error that nobody listens to would end the process.
      else socket.on('error', () => {}).destroy();
    });
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const fault = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'tls_timeout' : 'tls_failed';
      this.take(keyOf(socket))?.failed(fault, error.code);
      socket.destroy();
    });
  }

  /** Begins with a connection of which nothing has been read. */
  begin(socket: Socket, outcome: HandshakeOutcome): void {
    const key = keyOf(socket);
    this.underWay.set(key, outcome);
    socket.once('close', () => {
      // Node tells nobody when it refuses a certificate. Somebody who only looked whether the port is open is at no fault.
      const untold = this.take(key);
      if (socket.bytesRead > 0) untold?.failed('tls_failed');
    });
    this.server.emit('connection', socket);
  }

  /** For the handshakes from now on. */
  renew(credentials: Credentials): void {
    this.server.setSecureContext(rules(credentials));
  }

  private take(key: string): HandshakeOutcome | undefined {
    const outcome = this.underWay.get(key);
    this.underWay.delete(key);
    return outcome;
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** With an authority, a client must show a certificate of it (tls_mgm: `require_cert`). */
function rules(credentials: Credentials) {
  const ask = credentials.ca !== undefined;
  return { ...credentials, minVersion: 'TLSv1.2', requestCert: ask, rejectUnauthorized: ask } as const;
}
