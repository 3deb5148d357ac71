import { HistoryPage, HistoryQuery } from '../../schemas/history.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { historyPage } from '../../service/events/history-page.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** `GET /history`. */
export function historyRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/history',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listHistory',
        summary: 'List past events, newest first: state changes, drains, provisioning, reloads, registrations',
        tags: ['service'],
        querystring: HistoryQuery,
        response: { 200: jsonResponse('One page', HistoryPage), ...problems(400) },
      },
    },
    async (request) => historyPage(service.history, request.query),
  );
}
