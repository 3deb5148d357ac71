import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Credentials } from '../../security/certificates.js';

export type HandshakeFault = 'tls_failed' | 'tls_timeout';

/** Gets the outcome of a handshake. */
export interface HandshakeOutcome {
  /** The handshake succeeded, with a valid client certificate where one is required. From now on, destroy only this socket. */
  secured(socket: TLSSocket): void;
  /** The connection is destroyed. `reason` is the code of the error, where there is one. */
  failed(fault: HandshakeFault, reason?: string): void;
}

/** The server side of TLS handshakes, on connections that `listener.ts` has accepted. */
export class Handshakes {
  /** Never listens; gets its connections from `begin`. */
  private readonly server: Server;
  /** Handshakes in progress, by the client's address and port. */
  private readonly inProgress = new Map<string, HandshakeOutcome>();

  /** @param timeoutMs how long a handshake may take */
  constructor(credentials: Credentials, timeoutMs: number) {
    this.server = createServer({ ...tlsOptions(credentials), handshakeTimeout: timeoutMs }, (socket) => {
      const outcome = this.take(peerKey(socket));
      if (outcome !== undefined) outcome.secured(socket);
      // The client is gone, and its address with it. An error without a listener would end the process.
      else socket.on('error', () => {}).destroy();
    });
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const fault = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'tls_timeout' : 'tls_failed';
      this.take(peerKey(socket))?.failed(fault, error.code);
      socket.destroy();
    });
  }

  /** Starts the handshake on a connection from which nothing has been read. */
  begin(socket: Socket, outcome: HandshakeOutcome): void {
    const key = peerKey(socket);
    this.inProgress.set(key, outcome);
    socket.once('close', () => {
      // Node emits no event when it rejects a certificate. A client that sent nothing only tested the port, which is not a fault.
      const outcome = this.take(key);
      if (socket.bytesRead > 0) outcome?.failed('tls_failed');
    });
    this.server.emit('connection', socket);
  }

  /** Changes the certificates of later handshakes. */
  renew(credentials: Credentials): void {
    this.server.setSecureContext(tlsOptions(credentials));
  }

  private take(key: string): HandshakeOutcome | undefined {
    const outcome = this.inProgress.get(key);
    this.inProgress.delete(key);
    return outcome;
  }
}

function peerKey({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** With a CA, clients must present a certificate that it signed (`require_cert` of OpenSIPS's tls_mgm). */
function tlsOptions(credentials: Credentials) {
  const required = credentials.ca !== undefined;
  return { ...credentials, minVersion: 'TLSv1.2', requestCert: required, rejectUnauthorized: required } as const;
}
