import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ConcurrencyQuota } from '../../limits/quota.js';
import type { Rejections } from '../../limits/rejections.js';
import { clientAddress } from './identify.js';

export interface ConnectionLimits {
  readonly httpMaxConnections: number;
  readonly httpMaxConnectionsPerSource: number;
}

/** Closes what is more than may be connected at a time, in all and from one source, before a byte of it is read. */
export function limitConnections(server: Server, limits: ConnectionLimits, rejections: Rejections): void {
  const open = new Set<Socket>();
  const bySource = new ConcurrencyQuota(limits.httpMaxConnectionsPerSource);
  const refuse = (socket: Socket, reason: 'too_many_connections' | 'too_many_from_source', variable: string) => {
    const address = clientAddress(socket);
    rejections.add(
      'http',
      reason,
      { caller: null, address },
      'connect',
      `as many connections are open as ${variable} allows`,
    );
    socket.destroy();
  };

  server.on('connection', (socket: Socket) => {
    // One that offered an upgrade we do not speak comes here a second time (ws/upgrade.ts).
    if (open.has(socket)) return;
    const source = clientAddress(socket);
    if (open.size >= limits.httpMaxConnections) {
      refuse(socket, 'too_many_connections', 'CLUSTERER_HTTP_MAX_CONNECTIONS');
    } else if (!bySource.acquire(source)) {
      refuse(socket, 'too_many_from_source', 'CLUSTERER_HTTP_MAX_CONNECTIONS_PER_SOURCE');
    } else {
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        bySource.release(source);
      });
    }
  });
}
