import { problems, type Routes, textContent } from '../answers/route-types.js';

/** Returns all metrics as text. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

const EXAMPLE = `# HELP clusterer_sockets Open sockets
# TYPE clusterer_sockets gauge
clusterer_sockets 3
`;

/** `GET /metrics`. */
export function metricsRoutes(app: Routes, scrape: Scrape): void {
  app.get(
    '/metrics',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics in the Prometheus text format; docs/operations.md explains each',
        tags: ['service'],
        response: {
          200: { description: 'All metrics', content: textContent('text/plain', EXAMPLE) },
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
