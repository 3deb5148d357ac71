import { HistoryPage, HistoryQuery } from '../../schemas/history.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { historyPage } from '../../service/events/history-page.js';
import { answers, problems, type Routes } from '../answers/route-types.js';

/** What happened to machines and registrations, newest first. */
export function historyRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/history',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listHistory',
        summary: 'What happened: changes of state, drains, provisioning, reloads, registrations; newest first',
        tags: ['service'],
        querystring: HistoryQuery,
        response: { 200: answers('A page of it', HistoryPage), ...problems(400) },
      },
    },
    async (request) => historyPage(service.history, request.query),
  );
}
