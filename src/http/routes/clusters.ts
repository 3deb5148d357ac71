import { CheckAnswer, CheckQuery, ClusterList, ClusterView } from '../../schemas/cluster.js';
import { ClusterParams, RULE } from '../../schemas/common.js';
import { UpMachineList, UpNodesQuery } from '../../schemas/machine.js';
import { addressFaults } from '../../service/calls/check-address.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** Clusters, and the queries of modules: `get_nodes` and `check` of OpenSIPS 2.2. */
export function clusterRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/clusters',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listClusters',
        summary: 'List all clusters, with the number of machines in each state',
        tags: ['clusters'],
        response: { 200: jsonResponse('Sorted by id', ClusterList), ...problems() },
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
        summary: 'Show a cluster, with the number of machines in each state',
        tags: ['clusters'],
        params: ClusterParams,
        response: { 200: jsonResponse('The cluster', ClusterView), ...problems(400, 404) },
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
        summary: "List the machines that are up (OpenSIPS 2.2's get_nodes)",
        tags: ['clusters'],
        params: ClusterParams,
        querystring: UpNodesQuery,
        response: {
          200: jsonResponse('A snapshot; machines whose duration has passed are set up before', UpMachineList),
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
        summary: "Check that a machine of the cluster has this IP, id and protocol (OpenSIPS 2.2's check)",
        tags: ['clusters'],
        params: ClusterParams,
        querystring: { ...CheckQuery, [RULE]: addressFaults },
        response: { 200: jsonResponse('Result of the check', CheckAnswer), ...problems(400, 404) },
      },
    },
    async (request) => {
      const { address, server_id, protocol } = request.query;
      return { known: service.modules.check(request.params.cluster_id, address, server_id, protocol) };
    },
  );
}
