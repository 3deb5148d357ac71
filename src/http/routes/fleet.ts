import { ClusterParams } from '../../schemas/common.js';
import { CapabilityList, TopologyAnswer } from '../../schemas/fleet.js';
import { MessageAnswer, MessageBody, MiBody } from '../../schemas/fleet-calls.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** What a cluster of OpenSIPS 2.4 to 4.0 knows of itself, and messages to its machines. */
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

  app.post(
    '/clusters/:cluster_id/mi',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'runMi',
        summary: 'Run an MI command on the machines of a cluster of OpenSIPS 2.4 to 4.0, or on one',
        tags: ['fleets'],
        params: ClusterParams,
        body: MiBody,
        response: {
          202: jsonResponse(
            'To which machines the command was sent. They send no answer: whether it ran is not known',
            MessageAnswer,
          ),
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return service.fleetCalls.runMi(request.params.cluster_id, request.body, request.caller);
    },
  );

  app.post(
    '/clusters/:cluster_id/messages',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'sendMessage',
        summary: 'Send a message to the scripts of the machines of a cluster of OpenSIPS 2.4 to 4.0 (cluster_send_req)',
        tags: ['fleets'],
        params: ClusterParams,
        body: MessageBody,
        response: {
          202: jsonResponse(
            'To which machines it was sent. Replies are notifications `message` of `watch`',
            MessageAnswer,
          ),
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return service.fleetCalls.sendMessage(request.params.cluster_id, request.body, request.caller);
    },
  );
}
