import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Rejections } from '../../limits/rejections.js';
import { clientAddress } from './identify.js';

/** Counts and logs the TLS handshakes that fail. */
export class Handshakes {
  /** The addresses of the clients whose handshakes are under way, by address and port. */
  private readonly underWay = new Map<string, string>();

  constructor(private readonly rejections: Rejections) {}

  /** Follows the connections of a server; those of plain HTTP have no handshake. */
  watch(server: Server): void {
    if (!(server instanceof HttpsServer)) return;
    server.on('connection', (socket: Socket) => {
      if (socket.destroyed) return;
      const key = keyOf(socket);
      this.underWay.set(key, clientAddress(socket));
      // A client that resets its connection takes the address of its TLS socket away, so `failed` cannot say whose it was.
      socket.once('close', () => {
        const address = this.underWay.get(key);
        this.underWay.delete(key);
        // Somebody who only looked whether the port is open is not at fault.
        if (address !== undefined && socket.bytesRead > 0) this.add('tls_failed', address, LOST);
      });
    });
    server.on('secureConnection', (socket: TLSSocket) => this.underWay.delete(keyOf(socket)));
  }

  /** TLS itself has failed, in the handshake or after it. */
  failed(error: Error & { readonly code?: string }, socket: Socket): void {
    const address = clientAddress(socket);
    if (address === '') return;
    this.underWay.delete(keyOf(socket));
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') this.add('tls_timeout', address, LATE);
    else this.add('tls_failed', address, `the TLS handshake failed (${error.code ?? error.message})`);
  }

  private add(reason: 'tls_failed' | 'tls_timeout', address: string, why: string): void {
    this.rejections.add('http', reason, { caller: null, address }, 'connect', why);
  }
}

const LOST = 'the client closed the connection before the TLS handshake was done';
const LATE = 'the TLS handshake was not done within CLUSTERER_HTTP_HEADER_TIMEOUT_MS';

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
