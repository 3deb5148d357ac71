import { METHODS } from 'node:http';
import { ServiceError } from '../../ground/errors.js';
import type { Routes } from '../answers/route-types.js';

/** Records the methods of every route. Call it before the routes are added. @returns a function to call after them: it refuses all other methods */
export function useMethodNotAllowed(app: Routes): () => void {
  // Node never emits CONNECT as a request.
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
      throw new ServiceError('method_not_allowed', `${request.method} is not allowed here; use ${allowed}.`);
    },
    handler: async () => undefined,
  });
}
