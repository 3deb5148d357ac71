import { HealthAnswer, ReadyAnswer } from '../../schemas/cluster.js';
import { answers, problems, type Routes } from '../answers/route-types.js';

/** Liveness and readiness, open to all: they hold nothing worth hiding. */
export function healthRoutes(app: Routes, readiness: () => Promise<ReadyAnswer>): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getLiveness',
        summary: 'Whether the process answers',
        tags: ['service'],
        response: { 200: answers('It does', HealthAnswer), ...problems() },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether the service does its work; degraded when the database is away',
        tags: ['service'],
        response: {
          200: answers('It does', ReadyAnswer),
          503: answers('Before the first load, and while stopping', ReadyAnswer),
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      const answer = await readiness();
      const { status } = answer;
      reply.header('cache-control', 'no-store').code(status === 'ready' || status === 'degraded' ? 200 : 503);
      return answer;
    },
  );
}
