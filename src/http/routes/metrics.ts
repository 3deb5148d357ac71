import { problems, type Routes, textAnswer } from '../answers/route-types.js';

/** Makes the answer to a scrape. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

const EXAMPLE = `# HELP clusterer_sockets Open sockets
# TYPE clusterer_sockets gauge
clusterer_sockets 3
`;

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
          200: { description: 'Every series', content: textAnswer('text/plain', EXAMPLE) },
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
