import type { IncomingHttpHeaders } from 'node:http';
import websocket from '@fastify/websocket';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../ground/errors.js';
import { reconnectAfterMs } from '../ground/reconnect-delay.js';
import { ConcurrencyQuota } from '../limits/quota.js';
import { peerOf, type Rejections } from '../limits/rejections.js';
import type { Tokens } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import { FairScheduler } from './fair-scheduler.js';
import { socketCalls } from './methods.js';
import { Session, type SessionOptions } from './session.js';
import { BINARY_SUBPROTOCOL, chosenOf, offeredIn, TEXT_SUBPROTOCOL } from './subprotocols.js';
import { webSocketUpgrades } from './upgrade.js';

/** How long clients may take to answer the close before they are disconnected. */
const CLOSE_TIMEOUT_MS = 1_000;

const UPGRADE_REQUIRED = [
  'This URL is for WebSockets, and the request does not ask for one.',
  'If the client did ask, a proxy in between does not forward the headers Upgrade and Connection',
  '(nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";).',
  'GET /openapi.yaml lists the HTTP API.',
].join(' ');

/** RFC 6455. */
const WS_VERSION = '13';

export interface SocketOptions extends SessionOptions {
  readonly tokens: Tokens;
  readonly wsMaxClients: number;
  readonly wsMaxPerClient: number;
}

/** `GET /ws`. */
export async function socketRoutes(
  app: FastifyInstance,
  service: ClusterService,
  options: SocketOptions,
  rejections: Rejections,
  logOf: (request: FastifyRequest) => FastifyBaseLogger,
): Promise<void> {
  const sessions = new Set<Session>();
  const quota = new ConcurrencyQuota(options.wsMaxPerClient);
  const parts = { scheduler: new FairScheduler(), service, rejections, call: socketCalls(service) };

  options.tokens.onReplaced(() => {
    for (const session of sessions) if (!options.tokens.inForce(session.caller)) session.withdraw();
  });
  // Before the hook of the plugin, which would close them with 1005.
  app.addHook('preClose', async () => {
    for (const session of sessions) session.goAway(reconnectAfterMs(Math.random()));
    const timeout = setTimeout(() => {
      for (const client of app.websocketServer.clients) client.terminate();
    }, CLOSE_TIMEOUT_MS);
    const closed = [...app.websocketServer.clients].map(
      (client) => new Promise((resolve) => client.once('close', resolve)),
    );
    await Promise.all(closed);
    clearTimeout(timeout);
  });
  await app.register(websocket, {
    options: {
      server: webSocketUpgrades(app.server),
      maxPayload: options.wsFrameBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => chosenOf(offered) ?? false,
    },
    // `ws` closes the socket with the right code itself; terminating it here would lose the code.
    errorHandler: (error, _socket, request) => {
      const tooLong = Object(error).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      if (tooLong)
        rejections.add('ws', 'frame_too_long', peerOf(request), 'message', 'longer than CLUSTERER_WS_FRAME_BYTES');
      else logOf(request).info({ err: error }, 'WebSocket error');
    },
  });

  app.route({
    method: 'GET',
    url: '/ws',
    config: { role: 'read' },
    schema: { hide: true },
    onRequest: async (request, reply) => {
      if (request.ws) checkHandshake(request.headers, reply);
      checkOffer(request.headers['sec-websocket-protocol']);
      // Plain requests get this error too: people send them to find out why no WebSocket opens.
      if (sessions.size >= options.wsMaxClients) {
        throw new ServiceError(
          'too_many_sockets',
          `At most ${options.wsMaxClients} sockets may be open; try again later.`,
        );
      }
      acquireSocket(request, quota, options.wsMaxPerClient);
    },
    handler: async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new ServiceError('upgrade_required', UPGRADE_REQUIRED);
    },
    wsHandler: (socket, request) => {
      const session = new Session(socket, request.caller, options, {
        ...parts,
        stream: request.socket,
        peer: peerOf(request),
        log: logOf(request),
      });
      sessions.add(session);
      socket.once('close', () => sessions.delete(session));
    },
  });
}

/**
 * A WebSocket takes a share until its connection closes, whether it opens or not. A plain request only checks that there is one.
 * @throws `too_many_sockets`
 */
function acquireSocket({ client, raw, ws }: FastifyRequest, quota: ConcurrencyQuota, limit: number): void {
  if (ws ? !quota.acquire(client) : quota.isFull(client)) {
    const detail = `A client may have at most ${limit} sockets open (CLUSTERER_WS_MAX_PER_CLIENT); close one.`;
    throw new ServiceError('too_many_sockets', detail);
  }
  if (ws) raw.socket.once('close', () => quota.release(client));
}

/** `ws` itself would answer these requests with HTML. @throws `invalid_input` */
function checkHandshake(headers: IncomingHttpHeaders, reply: FastifyReply): void {
  const version = headers['sec-websocket-version'];
  if (version === WS_VERSION && /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) return;
  reply.header('sec-websocket-version', WS_VERSION);
  const detail = `A WebSocket handshake needs Sec-WebSocket-Key (16 bytes in base64) and Sec-WebSocket-Version: ${WS_VERSION}.`;
  throw new ServiceError('invalid_input', detail);
}

/** `ws` would answer these with HTML, too. @throws `unknown_subprotocol` */
function checkOffer(header: string | undefined): void {
  if (header === undefined) return;
  const offered = offeredIn(header);
  if (offered !== null && chosenOf(offered) !== undefined) return;
  const detail = `Offer the subprotocol ${TEXT_SUBPROTOCOL} or ${BINARY_SUBPROTOCOL}, or none. Separate names by single commas, and name each once.`;
  throw new ServiceError('unknown_subprotocol', detail);
}
