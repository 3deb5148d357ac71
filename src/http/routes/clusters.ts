import { CheckAnswer, CheckQuery, ClusterList, ClusterView } from '../../schemas/cluster.js';
import { ClusterParams } from '../../schemas/common.js';
import { UpMachineList, UpNodesQuery } from '../../schemas/machine.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { answers, problems, type Routes } from '../answers/route-types.js';

/** Clusters, and what a module asks of one: `get_nodes` and `check` of OpenSIPS 2.2. */
export function clusterRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/clusters',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listClusters',
        summary: 'All clusters with their counts',
        tags: ['clusters'],
        response: { 200: answers('By ascending id', ClusterList), ...problems() },
      },
    },
    async () => ({ clusters: service.queries.clusters() }),
  );

  app.get(
    '/clusters/:cluster_id',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getCluster',
        summary: 'One cluster with its counts',
        tags: ['clusters'],
        params: ClusterParams,
        response: { 200: answers('The cluster', ClusterView), ...problems(400, 404) },
      },
    },
    async (request) => service.queries.cluster(request.params.cluster_id),
  );

  app.get(
    '/clusters/:cluster_id/nodes',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listUpNodes',
        summary: "The machines that are up (OpenSIPS 2.2's get_nodes)",
        tags: ['clusters'],
        params: ClusterParams,
        querystring: UpNodesQuery,
        response: {
          200: answers('A snapshot; those whose duration has passed are up again', UpMachineList),
          ...problems(400, 404),
        },
      },
    },
    async (request) => ({ nodes: service.modules.upMachines(request.params.cluster_id, request.query.protocol) }),
  );

  app.get(
    '/clusters/:cluster_id/check',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'checkSource',
        summary: "Whether a machine of the cluster has this IP, id and protocol (OpenSIPS 2.2's check)",
        tags: ['clusters'],
        params: ClusterParams,
        querystring: CheckQuery,
        response: { 200: answers('Whether it is known', CheckAnswer), ...problems(400, 404) },
      },
    },
    async (request) => {
      const { address, server_id, protocol } = request.query;
      return { known: service.modules.check(request.params.cluster_id, address, server_id, protocol) };
    },
  );
}
