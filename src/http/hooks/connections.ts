import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConcurrencyQuota } from '../../limits/quota.js';
import type { Rejections } from '../../limits/rejections.js';
import { peerOfSocket, type TrustedProxies } from '../remote/remote.js';

export interface ConnectionLimits {
  readonly httpMaxConnections: number;
  readonly httpMaxConnectionsPerSource: number;
}

/** Limits the open connections, in total and per source. Further ones are closed before a byte is read. A trusted proxy is many sources. */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  proxies: TrustedProxies,
  rejections: Rejections,
): void {
  const open = new Set<Socket>();
  const bySource = new ConcurrencyQuota(limits.httpMaxConnectionsPerSource);
  const refuse = (socket: Socket, reason: 'too_many_connections' | 'too_many_from_source', variable: string) => {
    const address = peerOfSocket(socket).network;
    rejections.add('http', reason, { caller: null, address }, 'connect', `too many open connections (${variable})`);
    socket.destroy();
  };

  server.on('connection', (socket: Socket) => {
    // ws/upgrade.ts emits a connection again when it offers an upgrade that we do not support.
    if (open.has(socket)) return;
    const { ip, network } = peerOfSocket(socket);
    const source = proxies.has(ip) ? null : network;
    if (open.size >= limits.httpMaxConnections) {
      refuse(socket, 'too_many_connections', 'CLUSTERER_HTTP_MAX_CONNECTIONS');
    } else if (source !== null && !bySource.acquire(source)) {
      refuse(socket, 'too_many_from_source', 'CLUSTERER_HTTP_MAX_CONNECTIONS_PER_SOURCE');
    } else {
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        if (source !== null) bySource.release(source);
      });
    }
  });
}

/**
 * Says that the connection of a WebSocket handshake ends with the response, if there is one: then the handshake is refused, and ws/upgrade.ts
 * closes the connection. A client that keeps connections would send its next request on it.
 */
export function closeAfterHandshake({ headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers.upgrade !== undefined) reply.header('connection', 'close');
}
