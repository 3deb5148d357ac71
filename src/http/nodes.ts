import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ClusterParams, ref } from '../schemas/common.js';
import { MachineFilter, MachineList, type MachineView, NodeFilter } from '../schemas/machine.js';
import type { ClusterService } from '../service/cluster-service.js';
import { listMachines } from '../service/machine-list.js';
import { conditionalGet, EtagHeader, IfNoneMatchHeaders } from './etag.js';
import { problems, type Routes } from './routes.js';
import { textTable } from './text-table.js';

/** The lists of machines: `GET /nodes` (the seed's `clusterer_list`) and the same of one cluster. */
export function nodeRoutes(app: Routes, service: ClusterService): void {
  const answers = {
    200: {
      description: 'By cluster and machine; the own rows are not among them',
      headers: { etag: EtagHeader, vary: Type.String({ description: 'Accept' }) },
      content: { 'application/json': { schema: ref(MachineList) }, 'text/plain': { schema: Type.String() } },
    },
    304: Type.Null({ description: 'The list is the one of If-None-Match' }),
  };

  app.get(
    '/nodes',
    {
      config: { role: 'read' },
      onSend: conditionalGet,
      schema: {
        operationId: 'listNodes',
        summary: 'All machines',
        tags: ['machines'],
        querystring: NodeFilter,
        headers: IfNoneMatchHeaders,
        response: { ...answers, ...problems(400) },
      },
    },
    async (request, reply) => answerList(request, reply, service, request.query),
  );

  app.get(
    '/clusters/:cluster_id/machines',
    {
      config: { role: 'read' },
      onSend: conditionalGet,
      schema: {
        operationId: 'listMachines',
        summary: 'The machines of one cluster',
        tags: ['machines'],
        params: ClusterParams,
        querystring: MachineFilter,
        headers: IfNoneMatchHeaders,
        response: { ...answers, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { cluster_id } = request.params;
      service.cluster(cluster_id);
      return answerList(request, reply, service, { ...request.query, cluster_id });
    },
  );
}

function answerList(
  request: FastifyRequest,
  reply: FastifyReply,
  service: ClusterService,
  filter: Partial<NodeFilter>,
): string | { nodes: MachineView[]; next_cursor: string | null } {
  const { cells, nextCursor } = listMachines(service, filter);
  const nodes = cells.map((cell) => service.view(cell));
  reply.header('vary', reply.hasHeader('vary') ? 'Accept, Origin' : 'Accept');
  if (!prefersText(request)) return { nodes, next_cursor: nextCursor };
  reply.type('text/plain; charset=utf-8');
  return textTable(nodes) + (nextCursor === null ? '' : `(there are more: cursor=${nextCursor})\n`);
}

/** JSON for whoever does not care, or asks for something else still. */
function prefersText(request: FastifyRequest): boolean {
  const best = request.accepts().type(['application/json', 'text/plain', 'text/plain; charset=utf-8']);
  return typeof best === 'string' && best.startsWith('text/plain');
}
