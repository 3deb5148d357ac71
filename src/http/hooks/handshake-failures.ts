import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Rejections } from '../../limits/rejections.js';
import { peerOfSocket } from '../remote/remote.js';

/** Counts and logs failed TLS handshakes. */
export class HandshakeFailures {
  /** Client addresses of the handshakes in progress, by address and port. */
  private readonly inProgress = new Map<string, string>();

  constructor(private readonly rejections: Rejections) {}

  /** Watches the connections of an HTTPS server. */
  watch(server: Server): void {
    if (!(server instanceof HttpsServer)) return;
    server.on('connection', (socket: Socket) => {
      if (socket.destroyed) return;
      const key = endpointOf(socket);
      this.inProgress.set(key, peerOfSocket(socket).network);
      // After a reset the TLS socket has no address any more, so `failed` cannot report it.
      socket.once('close', () => {
        const address = this.inProgress.get(key);
        this.inProgress.delete(key);
        // A connection without any data only probed the port.
        if (address !== undefined && socket.bytesRead > 0) this.add('tls_failed', address, LOST);
      });
    });
    server.on('secureConnection', (socket: TLSSocket) => this.inProgress.delete(endpointOf(socket)));
  }

  /** Reports a TLS error, in the handshake or after it. */
  failed(error: Error & { readonly code?: string }, socket: Socket): void {
    const address = peerOfSocket(socket).network;
    if (address === '') return;
    this.inProgress.delete(endpointOf(socket));
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') this.add('tls_timeout', address, LATE);
    else this.add('tls_failed', address, `TLS handshake failed (${error.code ?? error.message})`);
  }

  private add(reason: 'tls_failed' | 'tls_timeout', address: string, why: string): void {
    this.rejections.add('http', reason, { caller: null, address }, 'connect', why);
  }
}

const LOST = 'connection closed during the TLS handshake';
const LATE = 'TLS handshake timeout (CLUSTERER_HTTP_HEADER_TIMEOUT_MS)';

function endpointOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
