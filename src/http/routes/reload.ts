import { IdAnswer, ReloadAnswer } from '../../schemas/cluster.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { reloadView } from '../../service/views/load-report.js';
import { answers, problems, type Routes } from '../answers/route-types.js';

/** `get_my_id` and `clusterer_reload` of OpenSIPS 2.2. */
export function reloadRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/id',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getServerId',
        summary: "This service's own machine id",
        tags: ['service'],
        response: { 200: answers('The id', IdAnswer), ...problems() },
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
        summary: "Read the table again (OpenSIPS 2.2's clusterer_reload)",
        tags: ['service'],
        response: { 200: answers('What the load did', ReloadAnswer), ...problems(503) },
      },
    },
    async (request) => reloadView(await service.reloading.reload(request.caller)),
  );
}
