import { CallerView } from '../../schemas/caller.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/**
 * `GET /me`. A page or a tool can offer only what its token allows.
 * @param replica the name of this replica; null: a single process
 */
export function callerRoutes(app: Routes, replica: string | null): void {
  app.get(
    '/me',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getCaller',
        summary: 'Show the name and role of the token, and the replica that answers',
        tags: ['service'],
        response: { 200: jsonResponse('Name and role', CallerView), ...problems() },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { name, role } = request.caller;
      return { name, role, ...(replica !== null && { replica }) };
    },
  );
}
