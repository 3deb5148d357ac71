import { ClusterParams } from '../../schemas/common.js';
import { TagBody, TagList, TagParams, TagView } from '../../schemas/tags.js';
import { Type } from '../../schemas/typebox.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** The sharing tags of a cluster of OpenSIPS 3.0 to 4.0. */
export function tagRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/clusters/:cluster_id/tags',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listTags',
        summary: 'List the sharing tags of a cluster, and who is active for each',
        tags: ['fleets'],
        params: ClusterParams,
        response: {
          200: jsonResponse('All tags that are managed or were announced; empty in dialect 2.2', TagList),
          ...problems(400, 404),
        },
      },
    },
    async (request) => service.tags.list(request.params.cluster_id),
  );

  app.put(
    '/clusters/:cluster_id/tags/:tag',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'setTag',
        summary: 'Give a sharing tag to a machine, and keep it there',
        description:
          'Makes the machine active and every other one backup, and waits up to 3 s until the machine announces it. The service keeps the tag there from then on, also after a restart.',
        tags: ['fleets'],
        params: TagParams,
        body: TagBody,
        response: {
          200: jsonResponse('The machine has announced that it is active', TagView),
          ...problems(400, 404, 409, 504),
        },
      },
    },
    async (request) => {
      const { cluster_id, tag } = request.params;
      return service.tags.set(cluster_id, tag, request.body, request.caller);
    },
  );

  app.delete(
    '/clusters/:cluster_id/tags/:tag',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'releaseTag',
        summary: 'Stop managing a sharing tag. Nothing is sent, so the active machine stays active',
        tags: ['fleets'],
        params: TagParams,
        response: { 204: Type.Null({ description: 'Not managed' }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { cluster_id, tag } = request.params;
      await service.tags.release(cluster_id, tag, request.caller);
      return reply.code(204).send();
    },
  );
}
