import findMyWay from 'find-my-way';
import { ServiceError } from '../../ground/errors.js';
import type { Routes } from '../answers/route-types.js';
import type { Check } from './checks.js';
import { pathOf } from './request-log.js';

/**
 * Records the paths of all routes that are added later, with their methods.
 * Registering every other method as a route would take most of the start time.
 * @returns the check that refuses requests without a route: an unknown path is 404, an unknown method 405.
 * It runs before the body is read, so that a wrong path or method is not reported as a wrong media type
 */
export function refuseUnknownRoutes(app: Routes, routerOptions: { readonly ignoreTrailingSlash: boolean }): Check {
  const methodsOf = new Map<string, Set<string>>();
  // Only the paths count, so each has one method here. Fastify checks the length of a parameter when it has a route.
  const paths = findMyWay({ ...routerOptions, maxParamLength: Number.POSITIVE_INFINITY });
  app.addHook('onRoute', ({ url, method }) => {
    const known = methodsOf.get(url);
    const methods = known ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    if (known !== undefined) return;
    methodsOf.set(url, methods);
    paths.on('GET', url, () => undefined, methods);
  });
  return (request, reply) => {
    if (!request.is404) return;
    const methods: ReadonlySet<string> | undefined = paths.find('GET', request.url)?.store;
    if (methods === undefined) {
      const detail = `${request.method} ${pathOf(request)} is not a route; GET /openapi.yaml lists all routes.`;
      throw new ServiceError('unknown_route', detail);
    }
    const allowed = [...methods].sort().join(', ');
    reply.header('allow', allowed);
    throw new ServiceError('method_not_allowed', `${request.method} is not allowed here; use ${allowed}.`);
  };
}
