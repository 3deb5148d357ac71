import type { Routes } from './answers/route-types.js';

const NAME = Symbol.for('fastify.display-name');

/** Adds routes in a plugin scope of their own. Without a name, Fastify looks for one among all loaded modules. */
export function inScope(app: Routes, name: string, add: (scope: Routes) => void | Promise<void>) {
  return app.register(Object.assign(async (scope: Routes) => add(scope), { [NAME]: name }));
}
