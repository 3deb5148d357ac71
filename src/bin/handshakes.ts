import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Credentials } from '../certificates.js';

export interface HandshakeEvents {
  /** The connection is encrypted, and its client has shown what it had to. */
  secured(socket: TLSSocket): void;
  /** `reason` is the code of the error. The connection is destroyed already. */
  failed(fault: 'tls_failed' | 'tls_timeout', socket: TLSSocket, reason: string): void;
}

/** The service's side of TLS handshakes, on connections that somebody else has accepted. */
export class Handshakes {
  /** Never listens itself: it is given connections. */
  private readonly server: Server;

  /** @param timeoutMs how long a handshake may take */
  constructor(credentials: Credentials, timeoutMs: number, events: HandshakeEvents) {
    this.server = createServer({ ...rules(credentials), handshakeTimeout: timeoutMs }, events.secured);
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      socket.destroy();
      // Somebody who only looked whether the port is open is at no fault.
      if (error.code === 'ECONNRESET') return;
      const late = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT';
      events.failed(late ? 'tls_timeout' : 'tls_failed', socket, error.code ?? error.message);
    });
  }

  /** Begins with a connection of which nothing has been read. */
  begin(socket: Socket): void {
    this.server.emit('connection', socket);
  }

  /** For the handshakes from now on. */
  renew(credentials: Credentials): void {
    this.server.setSecureContext(rules(credentials));
  }
}

/** With an authority, a client must show a certificate of it (contract, section 6; proto_bins: `require_cert`). */
function rules(credentials: Credentials) {
  const ask = credentials.ca !== undefined;
  return { ...credentials, minVersion: 'TLSv1.2', requestCert: ask, rejectUnauthorized: ask } as const;
}
