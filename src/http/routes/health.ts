import { HealthAnswer, ReadyAnswer } from '../../schemas/cluster.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** Liveness and readiness. They are open: they contain nothing secret. */
export function healthRoutes(app: Routes, readiness: () => Promise<ReadyAnswer>): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getLiveness',
        summary: 'Check that the process is alive',
        tags: ['service'],
        response: { 200: jsonResponse('It is alive', HealthAnswer), ...problems() },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Check that the service is ready; `degraded` while the database is unavailable',
        tags: ['service'],
        response: {
          200: jsonResponse('It is ready, or degraded', ReadyAnswer),
          503: jsonResponse(
            'Before the first load, while stopping, and while the log of the replicas is away',
            ReadyAnswer,
          ),
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
