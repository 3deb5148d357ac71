import { ClusterParams, ref } from '../schemas/common.js';
import { ModuleList, PacketBody, SendAnswer } from '../schemas/packet.js';
import type { ClusterService } from '../service/cluster-service.js';
import { problems, type Routes } from './routes.js';

/** Sending packets (the seed's `send_to`), and who is registered to receive them. */
export function packetRoutes(app: Routes, service: ClusterService): void {
  app.post(
    '/clusters/:cluster_id/packets',
    {
      config: { role: 'module' },
      schema: {
        operationId: 'sendTo',
        summary: 'Send a packet to every machine of the cluster that is up',
        tags: ['packets'],
        params: ClusterParams,
        body: PacketBody,
        response: { 200: ref(SendAnswer), ...problems(400, 404) },
      },
    },
    async (request) => ({ results: await service.sendTo(request.params.cluster_id, request.body) }),
  );

  app.get(
    '/modules',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listModules',
        summary: 'The registrations in force',
        tags: ['packets'],
        response: { 200: ref(ModuleList), ...problems() },
      },
    },
    async () => ({ modules: service.moduleViews() }),
  );
}
