import { CallerView } from '../../schemas/caller.js';
import { answers, problems, type Routes } from '../answers/route-types.js';

/** `GET /me`: lets a page or a tool offer only what its token may do. */
export function callerRoutes(app: Routes): void {
  app.get(
    '/me',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getCaller',
        summary: 'Whose token this is, and its role',
        tags: ['service'],
        response: { 200: answers('Its name and role', CallerView), ...problems() },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { name, role } = request.caller;
      return { name, role };
    },
  );
}
