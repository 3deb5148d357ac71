import { ClusterParams } from '../../schemas/common.js';
import { ModuleList, PacketBody, SendAnswer } from '../../schemas/packet.js';
import { PacketCounts, RegistrationParams } from '../../schemas/packet-counts.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** Sending packets (OpenSIPS 2.2's `send_to`), and the modules registered to receive them. */
export function packetRoutes(app: Routes, service: ClusterService): void {
  app.post(
    '/clusters/:cluster_id/packets',
    {
      config: { role: 'module' },
      schema: {
        operationId: 'sendPacket',
        summary: "Send a packet to the machines of the cluster that are up, or to one (OpenSIPS 2.2's send_to)",
        tags: ['packets'],
        params: ClusterParams,
        body: PacketBody,
        response: {
          200: jsonResponse('One result for each machine that was tried', SendAnswer),
          ...problems(400, 404),
        },
      },
    },
    async (request) => ({ results: await service.modules.sendTo(request.params.cluster_id, request.body) }),
  );

  app.get(
    '/modules',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listModules',
        summary: 'List the registrations of modules',
        tags: ['packets'],
        response: { 200: jsonResponse('Sorted by number', ModuleList), ...problems() },
      },
    },
    async () => ({ modules: service.queries.modules() }),
  );

  app.get(
    '/modules/:number/packets',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'countPackets',
        summary: 'Count the newest packets of a registration by name, without their fields',
        tags: ['packets'],
        params: RegistrationParams,
        response: {
          200: jsonResponse('Of the packets that are kept for a resume, also those of syncs', PacketCounts),
          ...problems(400),
          404: { ...problems(404)[404], description: 'No registration has this number' },
        },
      },
    },
    async (request) => service.queries.packetCounts(request.params.number),
  );
}
