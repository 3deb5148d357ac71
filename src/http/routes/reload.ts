import { IdAnswer, ReloadAnswer } from '../../schemas/cluster.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { reloadView } from '../../service/views/load-report.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** `get_my_id` and `clusterer_reload` of OpenSIPS 2.2. */
export function reloadRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/id',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getServerId',
        summary: "Show the service's own machine id",
        tags: ['service'],
        response: { 200: jsonResponse('The machine id', IdAnswer), ...problems() },
      },
    },
    async () => ({ server_id: service.options.serverId }),
  );

  app.post(
    '/reload',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'reload',
        summary: "Reload the table (OpenSIPS 2.2's clusterer_reload)",
        tags: ['service'],
        response: { 200: jsonResponse('What has changed', ReloadAnswer), ...problems(503) },
      },
    },
    async (request) => reloadView(await service.loader.reload(request.caller)),
  );
}
