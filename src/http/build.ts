import type { Socket } from 'node:net';
import accepts from '@fastify/accepts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { TSchema } from 'typebox';
import type { Rejections } from '../limits/rejections.js';
import type { ReadyAnswer } from '../schemas/cluster.js';
import { invalidInput, validatorOf } from '../schemas/validation.js';
import type { Credentials } from '../security/certificates.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { Routes } from './answers/route-types.js';
import { useAccess } from './hooks/access.js';
import { useJsonBodies } from './hooks/bodies.js';
import { useChecks } from './hooks/checks.js';
import { type ConnectionLimits, limitConnections } from './hooks/connections.js';
import { HandshakeFailures } from './hooks/handshake-failures.js';
import { setSecurityHeaders } from './hooks/headers.js';
import { type ClientOptions, identifyClients } from './hooks/identify.js';
import { allowCors, type OriginOptions, refuseForeignOrigins } from './hooks/origins.js';
import { answerBrokenRequest, answerError, refuseWithoutHost, useProblems } from './hooks/problem.js';
import { refuseUndecodable, useQueries } from './hooks/queries.js';
import {
  type LogOf,
  problemLog,
  requestIds,
  requestLogs,
  returnRequestId,
  useRequestLog,
} from './hooks/request-log.js';
import { refuseUnknownRoutes } from './hooks/unknown-routes.js';
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
import { tagRoutes } from './routes/tags.js';
import { type Build, versionRoutes } from './routes/version.js';
import { type HeaderLimits, serverOptions } from './server.js';

/** The part of the configuration that HTTP uses. */
export interface HttpOptions extends EventOptions, ClientOptions, OriginOptions, ConnectionLimits, HeaderLimits {
  readonly httpBodyBytes: number;
  readonly httpRequestTimeoutMs: number;
}

export interface HttpParts {
  readonly service: ClusterService;
  readonly rejections: Rejections;
  readonly logger: FastifyBaseLogger;
  readonly readiness: () => Promise<ReadyAnswer>;
  readonly options: HttpOptions;
  readonly scrape: Scrape;
  readonly build: Build;
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
  const { service, rejections, logger, readiness, options, scrape, build, tls } = parts;
  const logOf = requestLogs(logger);
  const log = problemLog(logOf);
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
    frameworkErrors: (error, request, reply) => answerError(rejections, log, error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const validate = validatorOf(schema, httpPart === 'body' ? 'json' : 'text');
    return (value) => {
      const faults = validate(value);
      // `value` is validated in place. Headers that are assigned again, even to the same object, are copied at each read.
      return faults.length === 0 || { error: invalidInput(faults) };
    };
  });
  limitConnections(app.server, options, rejections);
  handshakeFailures.watch(app.server);
  // Node would send an empty 417. An unknown expectation may be ignored (RFC 9110, 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  useRequestLog(app, logger.level, logOf);
  useProblems(app, rejections, log);
  useChecks(app, [
    setSecurityHeaders(app),
    returnRequestId,
    allowCors(options),
    identifyClients(options),
    refuseForeignOrigins(options),
    refuseUnknownRoutes(app, ROUTER),
    refuseUndecodable,
    refuseWithoutHost,
  ]);
  useAccess(app);
  useJsonBodies(app);
  useQueries(app);
  await app.register(accepts);
  await beforeRoutes(app);

  await app.register(async (routes: Routes) => {
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
    metricsRoutes(routes, scrape);
    documentRoutes(routes);
    callerRoutes(routes);
    pageRoutes(routes);
    // In its own plugin scope, so that its hooks do not run for the other routes.
    await routes.register(async (others: Routes) => more(others, logOf));
  });
  return app;
}

const ROUTER = { ignoreTrailingSlash: true };

/** Responses are typed by their schemas. Compiling a serializer for each would take a third of the start time. */
const COMPILERS = { buildSerializer: () => () => (answer: unknown) => JSON.stringify(answer) };
