import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ConcurrencyQuota } from '../../limits/quota.js';
import type { Rejections } from '../../limits/rejections.js';
import { clientAddress } from './identify.js';

export interface ConnectionLimits {
  readonly httpMaxConnections: number;
  readonly httpMaxConnectionsPerSource: number;
}

/** Limits the open connections, in total and per source. Further ones are closed before a byte is read. */
export function limitConnections(server: Server, limits: ConnectionLimits, rejections: Rejections): void {
  const open = new Set<Socket>();
  const bySource = new ConcurrencyQuota(limits.httpMaxConnectionsPerSource);
  const refuse = (socket: Socket, reason: 'too_many_connections' | 'too_many_from_source', variable: string) => {
    const address = clientAddress(socket);
    rejections.add('http', reason, { caller: null, address }, 'connect', `too many open connections (${variable})`);
    socket.destroy();
  };

  server.on('connection', (socket: Socket) => {
    // ws/upgrade.ts emits a connection again when it offers an upgrade that we do not support.
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
