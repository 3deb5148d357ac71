import accepts from '@fastify/accepts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { TSchema } from 'typebox';
import type { Tokens } from '../access.js';
import type { Readiness } from '../schemas/cluster.js';
import { invalidInput, validatorOf } from '../schemas/validation.js';
import type { ClusterService } from '../service/cluster-service.js';
import { useAccess } from './access.js';
import { clusterRoutes } from './clusters.js';
import { documentRoutes, useDocument } from './document.js';
import { type EventOptions, eventRoutes } from './events.js';
import { healthRoutes } from './health.js';
import { machineRoutes } from './machines.js';
import { callerRoutes } from './me.js';
import { useMethodNotAllowed } from './methods.js';
import { miRoutes } from './mi.js';
import { nodeRoutes } from './nodes.js';
import { packetRoutes } from './packets.js';
import { pageRoutes } from './page.js';
import { answerBrokenRequest, answerError, useProblems } from './problem.js';
import type { Routes } from './routes.js';
import { seedRoutes } from './seed.js';

/** How long a request may take to arrive whole; Fastify alone would let it hold its socket for ever. */
const REQUEST_TIMEOUT_MS = 60_000;

export interface HttpParts {
  readonly service: ClusterService;
  readonly tokens: Tokens;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  readonly readiness: () => Promise<Readiness>;
  readonly events: EventOptions;
}

/** Builds the HTTP side. `more` adds the routes of another adapter (the socket) under the same access and problems. */
export async function buildHttp(parts: HttpParts, more: (app: Routes) => void | Promise<void>): Promise<Routes> {
  const { service, tokens, logger, version, readiness, events } = parts;
  const app: Routes = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 2 ** 20,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // While stopping, `/readyz` says so in its own words.
    return503OnClosing: false,
    // problem.ts answers who sends none.
    http: { requireHostHeader: false },
    routerOptions: { ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerError,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const validate = validatorOf(schema, httpPart === 'body' ? 'json' : 'text');
    return (value) => {
      const faults = validate(value);
      return faults.length === 0 ? { value } : { error: invalidInput(faults) };
    };
  });
  useProblems(app);
  useAccess(app, tokens);
  useJsonBodies(app);
  const refuseOtherMethods = useMethodNotAllowed(app);
  await app.register(accepts);
  await useDocument(app, version);

  await app.register(async (routes: Routes) => {
    nodeRoutes(routes, service);
    machineRoutes(routes, service);
    clusterRoutes(routes, service);
    packetRoutes(routes, service);
    eventRoutes(routes, service, events);
    seedRoutes(routes, service);
    miRoutes(routes, service);
    healthRoutes(routes, readiness);
    documentRoutes(routes);
    callerRoutes(routes);
    pageRoutes(routes);
    await more(routes);
  });
  refuseOtherMethods();
  return app;
}

/** JSON and nothing else; an empty body is no body, since many clients name a type for bodies they do not send. */
function useJsonBodies(app: Routes): void {
  // Fields with the names of prototypes are kept, as fields of their own: the schema refuses them by name.
  const parse = app.getDefaultJsonParser('ignore', 'ignore');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, String(body), done);
  });
}
