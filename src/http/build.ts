import type { BlockList, Socket } from 'node:net';
import accepts from '@fastify/accepts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, type FastifyRequest, LogController } from 'fastify';
import type { Rejections } from '../limits/rejections.js';
import type { ReadyAnswer } from '../schemas/cluster.js';
import type { TSchema } from '../schemas/typebox.js';
import type { Credentials } from '../security/certificates.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { Replica } from '../service/replicas/port.js';
import { requestValidator } from './answers/request-validator.js';
import type { Routes } from './answers/route-types.js';
import { useAccess } from './hooks/access.js';
import { useJsonBodies } from './hooks/bodies.js';
import { useChecks } from './hooks/checks.js';
import { type ConnectionLimits, closeAfterHandshake, limitConnections } from './hooks/connections.js';
import { HandshakeFailures } from './hooks/handshake-failures.js';
import { setSecurityHeaders } from './hooks/headers.js';
import { type ClientOptions, identifyClients } from './hooks/identify.js';
import { allowCors, type OriginOptions, refuseForeignOrigins } from './hooks/origins.js';
import { answerBrokenRequest, answerError, refuseWithoutHost, useProblems } from './hooks/problem.js';
import { refuseUndecodable, useQueries } from './hooks/queries.js';
import { useReplica } from './hooks/replica.js';
import {
  type LogOf,
  problemLog,
  requestIds,
  requestLogs,
  returnRequestId,
  useRequestLog,
} from './hooks/request-log.js';
import { refuseUnknownRoutes } from './hooks/unknown-routes.js';
import { TrustedProxies } from './remote/remote.js';
import { clusterRoutes } from './routes/clusters.js';
import { documentRoutes } from './routes/document.js';
import { type EventOptions, eventRoutes } from './routes/events.js';
import { fleetRoutes } from './routes/fleet.js';
import { healthRoutes } from './routes/health.js';
import { historyRoutes } from './routes/history.js';
import { layoutRoutes } from './routes/layouts.js';
import { machineRoutes } from './routes/machines.js';
import { callerRoutes } from './routes/me.js';
import { metricsRoutes, type Scrape } from './routes/metrics.js';
import { miRoutes } from './routes/mi/route.js';
import { nodeRoutes } from './routes/nodes.js';
import { packetRoutes } from './routes/packets.js';
import { pageRoutes } from './routes/page.js';
import { reloadRoutes } from './routes/reload.js';
import { replicaRoutes } from './routes/replicas.js';
import { tagRoutes } from './routes/tags.js';
import { type Build, versionRoutes } from './routes/version.js';
import { inScope } from './scope.js';
import { type HeaderLimits, serverOptions } from './server.js';

/** The part of the configuration that HTTP uses. */
export interface HttpOptions extends EventOptions, ClientOptions, OriginOptions, ConnectionLimits, HeaderLimits {
  readonly httpBodyBytes: number;
  readonly httpRequestTimeoutMs: number;
  /** Null: none. */
  readonly trustedProxies: BlockList | null;
}

export interface HttpParts {
  readonly service: ClusterService;
  readonly rejections: Rejections;
  readonly logger: FastifyBaseLogger;
  readonly readiness: () => Promise<ReadyAnswer>;
  readonly options: HttpOptions;
  readonly scrape: Scrape;
  readonly build: Build;
  /** Null: this process is not one of several. */
  readonly replica: Replica | null;
  /** For HTTPS; without it the server speaks HTTP. */
  readonly tls?: Credentials;
}

/**
 * Builds the HTTP side.
 * @param more adds the routes of another adapter (the socket), under the same access checks and with the same problems
 * @param beforeRoutes sees every route that is added after it; docgen collects the document this way
 */
export async function buildHttp(
  parts: HttpParts,
  more: (app: Routes, logOf: LogOf) => void | Promise<void>,
  beforeRoutes: (app: Routes) => void | Promise<void> = () => {},
): Promise<Routes> {
  const { service, rejections, logger, readiness, options, scrape, build, replica, tls } = parts;
  const logOf = requestLogs(logger);
  const log = problemLog(logOf);
  const proxies = new TrustedProxies(options.trustedProxies);
  const locate = (request: FastifyRequest) => {
    request.remote = proxies.remoteOf(request.raw);
  };
  const handshakeFailures = new HandshakeFailures(rejections);
  // No request log of Fastify's: it would wait for the end of each response, a tenth of the cost of `GET /nodes`.
  const app: Routes = Fastify({
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    bodyLimit: options.httpBodyBytes,
    requestTimeout: options.httpRequestTimeoutMs,
    forceCloseConnections: true,
    // While stopping, `/readyz` must still respond.
    return503OnClosing: false,
    ...serverOptions(options, tls),
    schemaController: { compilersFactory: COMPILERS },
    routerOptions: ROUTER,
    clientErrorHandler: (error, socket) => answerBrokenRequest(rejections, handshakeFailures, error, socket as Socket),
    // These requests do not pass the hooks.
    frameworkErrors: (error, request, reply) => {
      locate(request);
      answerError(rejections, log, error, request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler<TSchema>(requestValidator);
  limitConnections(app.server, options, proxies, rejections);
  handshakeFailures.watch(app.server);
  // Node would send an empty 417. An unknown expectation may be ignored (RFC 9110, 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  useRequestLog(app, logger.level, logOf);
  useProblems(app, rejections, log);
  useChecks(app, [
    locate,
    setSecurityHeaders(),
    closeAfterHandshake,
    returnRequestId,
    allowCors(options),
    identifyClients(options),
    refuseForeignOrigins(options),
    refuseUnknownRoutes(app, ROUTER),
    refuseUndecodable,
    refuseWithoutHost,
  ]);
  // The hook that is added last is the first to run on a route: nobody waits before the role is checked.
  if (replica !== null) useReplica(app, replica);
  useAccess(app);
  useJsonBodies(app);
  useQueries(app);
  await app.register(accepts);
  await beforeRoutes(app);

  await inScope(app, 'routes', async (routes) => {
    nodeRoutes(routes, service);
    machineRoutes(routes, service);
    clusterRoutes(routes, service);
    fleetRoutes(routes, service);
    tagRoutes(routes, service);
    packetRoutes(routes, service);
    layoutRoutes(routes);
    eventRoutes(routes, service, options, rejections);
    historyRoutes(routes, service);
    reloadRoutes(routes, service);
    miRoutes(routes, service, rejections, logOf);
    healthRoutes(routes, readiness);
    versionRoutes(routes, build);
    if (replica !== null) replicaRoutes(routes, replica);
    metricsRoutes(routes, scrape);
    documentRoutes(routes);
    callerRoutes(routes, replica?.leadership.replica ?? null);
    pageRoutes(routes);
    // In its own plugin scope, so that its hooks do not run for the other routes.
    await inScope(routes, 'others', (others) => more(others, logOf));
  });
  return app;
}

const ROUTER = { ignoreTrailingSlash: true };

/** Responses are typed by their schemas. Compiling a serializer for each would take a third of the start time. */
const COMPILERS = { buildSerializer: () => () => (answer: unknown) => JSON.stringify(answer) };
