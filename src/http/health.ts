import { HealthAnswer, type Readiness, ReadyAnswer } from '../schemas/cluster.js';
import { ref } from '../schemas/common.js';
import { problems, type Routes } from './routes.js';

/** Liveness and readiness, open to all: they hold nothing worth hiding. */
export function healthRoutes(app: Routes, readiness: () => Promise<Readiness>): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'live',
        summary: 'Whether the process answers',
        tags: ['service'],
        response: { 200: ref(HealthAnswer), ...problems() },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'ready',
        summary: 'Whether the service does its work; degraded when the database is away',
        tags: ['service'],
        response: {
          200: ref(ReadyAnswer),
          503: {
            description: 'Before the first load, and while stopping',
            content: { 'application/json': { schema: ref(ReadyAnswer) } },
          },
          default: problems().default,
        },
      },
    },
    async (_request, reply) => {
      const status = await readiness();
      reply.header('cache-control', 'no-store').code(status === 'ready' || status === 'degraded' ? 200 : 503);
      return { status };
    },
  );
}
