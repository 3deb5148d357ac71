import { Type } from 'typebox';
import { problems, type Routes } from './routes.js';

/** Makes the answer to a scrape. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** `GET /metrics`, for Prometheus. */
export function metricsRoutes(app: Routes, scrape: Scrape): void {
  app.get(
    '/metrics',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getMetrics',
        summary: "The service's metrics in Prometheus's text format; docs/operations.md says what each means",
        tags: ['service'],
        response: {
          200: { description: 'Every series', content: { 'text/plain': { schema: Type.String() } } },
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await scrape();
      return reply.header('cache-control', 'no-store').type(contentType).send(text);
    },
  );
}
