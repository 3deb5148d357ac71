import { ClusterParams } from '../../schemas/common.js';
import { CapabilityList, TopologyAnswer } from '../../schemas/fleet.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** What a cluster of OpenSIPS 2.4 to 4.0 knows of itself. */
export function fleetRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/clusters/:cluster_id/topology',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getTopology',
        summary: 'Show who is connected to whom in a cluster of OpenSIPS 2.4 to 4.0',
        tags: ['fleets'],
        params: ClusterParams,
        response: {
          200: jsonResponse('The links that each machine has announced; empty in dialect 2.2', TopologyAnswer),
          ...problems(400, 404),
        },
      },
    },
    async (request) => service.fleets.topology(request.params.cluster_id),
  );

  app.get(
    '/clusters/:cluster_id/capabilities',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listCapabilities',
        summary: 'List what the machines of a cluster of OpenSIPS 2.4 to 4.0 replicate',
        tags: ['fleets'],
        params: ClusterParams,
        response: {
          200: jsonResponse('The capabilities; empty in dialect 2.2', CapabilityList),
          ...problems(400, 404),
        },
      },
    },
    async (request) => service.fleets.capabilities(request.params.cluster_id),
  );
}
