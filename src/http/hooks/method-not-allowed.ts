import { METHODS } from 'node:http';
import { ServiceError } from '../../ground/errors.js';
import type { Routes } from '../answers/route-types.js';

/** Notes the methods of every route from now on; call it before the routes, and what it answers behind them. */
export function useMethodNotAllowed(app: Routes): () => void {
  // CONNECT never becomes a request.
  const unknown = METHODS.filter((method) => method !== 'CONNECT' && !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method);
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set();
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one);
    methodsOf.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...methodsOf]) refuseOthers(app, url, methods);
  };
}

/** Refuses before the body is read, so that a wrong method is not reported as a wrong media type. */
function refuseOthers(app: Routes, url: string, methods: ReadonlySet<string>): void {
  const allowed = [...methods].sort().join(', ');
  app.route({
    method: app.supportedMethods.filter((method) => !methods.has(method)),
    url,
    schema: { hide: true },
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      reply.header('allow', allowed);
      throw new ServiceError('method_not_allowed', `${request.method} is not possible here; use ${allowed}.`);
    },
    handler: async () => undefined,
  });
}
