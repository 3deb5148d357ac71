import type { Socket } from 'node:net';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../errors.js';
import { reconnectAfterMs } from '../reconnect.js';
import type { ClusterService } from '../service/cluster-service.js';
import { socketCalls } from './methods.js';
import { Session, type SessionOptions } from './session.js';
import { BINARY_SUBPROTOCOL, chosenOf, TEXT_SUBPROTOCOL } from './subprotocols.js';

/** How long clients may take to answer the close before they are cut off. */
const CLOSE_PATIENCE_MS = 1_000;

/** How long the connection of a refused upgrade may stay. */
const REFUSED_MS = 500;

/** `GET /ws`. */
export async function socketRoutes(
  app: FastifyInstance,
  service: ClusterService,
  options: SessionOptions & { readonly wsMaxClients: number },
): Promise<void> {
  const sessions = new Set<Session>();
  const call = socketCalls(service);

  // Before the plugin's own hook, which would close them with 1005.
  app.addHook('preClose', async () => {
    for (const session of sessions) session.goAway(reconnectAfterMs());
    const cutOff = setTimeout(() => {
      for (const client of app.websocketServer.clients) client.terminate();
    }, CLOSE_PATIENCE_MS);
    const closed = [...app.websocketServer.clients].map(
      (client) => new Promise((resolve) => client.once('close', resolve)),
    );
    await Promise.all(closed);
    clearTimeout(cutOff);
  });
  await app.register(websocket, {
    options: {
      maxPayload: options.wsFrameBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => chosenOf(offered) ?? false,
    },
    // ws answers a faulty frame with its close code itself; cutting the socket off here would lose it.
    errorHandler: (error, _socket, request) => request.log.info({ err: error }, 'a socket failed'),
  });
  // Node gives the connection of an upgrade away; where it is answered as plain HTTP, nobody else would ever close it.
  // A WebSocket takes this time-out off again.
  app.server.on('upgrade', (_request, connection: Socket) => {
    connection.setTimeout(REFUSED_MS, () => connection.destroy());
  });

  app.route({
    method: 'GET',
    url: '/ws',
    config: { role: 'read' },
    schema: { hide: true },
    onRequest: async (request) => {
      const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
      if (offered !== undefined && chosenOf(offered) === undefined) {
        const detail = `Offer the subprotocol ${TEXT_SUBPROTOCOL} or ${BINARY_SUBPROTOCOL}, or none.`;
        throw new ServiceError('unknown_subprotocol', detail);
      }
      if (request.ws && sessions.size >= options.wsMaxClients) {
        throw new ServiceError(
          'too_many_sockets',
          `At most ${options.wsMaxClients} sockets may be open; try again later.`,
        );
      }
    },
    handler: async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new ServiceError('upgrade_required', 'Open a WebSocket here; GET /openapi.yaml lists what is plain HTTP.');
    },
    wsHandler: (socket, request) => {
      const session = new Session(socket, request.caller, options, { service, log: request.log, call });
      sessions.add(session);
      socket.once('close', () => sessions.delete(session));
    },
  });
}
