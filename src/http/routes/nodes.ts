import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { Type } from 'typebox';
import { ClusterParams, exampleOf } from '../../schemas/common.js';
import { MachineFilter, MachineList, MachineView, NodeFilter } from '../../schemas/machine.js';
import { MOST_FIELDS } from '../../schemas/validation.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { machineTable } from '../../text/text-table.js';
import { EtagHeader, IfNoneMatchHeaders, sendUnlessKnown } from '../answers/etag.js';
import { type KeptList, KeptLists } from '../answers/list-cache.js';
import { answers, problems, type Routes, textAnswer } from '../answers/route-types.js';

/** The lists of machines: `GET /nodes` (OpenSIPS 2.2's `clusterer_list`) and the same of one cluster. */
export function nodeRoutes(app: Routes, service: ClusterService): void {
  const lists = new KeptLists();
  const jsonAnswer = answers('', MachineList);
  const machine = exampleOf(MachineView) as MachineView;
  const responses = {
    200: {
      description: 'By cluster and machine; the own rows are not among them',
      headers: { etag: EtagHeader, vary: Type.String({ description: 'Accept' }) },
      content: { ...jsonAnswer.content, ...textAnswer('text/plain', machineTable([machine])) },
    },
    304: Type.Null({ description: 'The list is the one of If-None-Match' }),
  };

  /** Runs behind the check of the role. Whoever asks for a kept list asks for what was valid when it was made. */
  const answerKept: onRequestHookHandler = (request, reply, done) => {
    const asText = prefersText(request);
    const list = lists.find(nameOf(request, asText), service.machinesVersion);
    if (list === undefined || !mayBeKept(request)) done();
    else send(list, asText, request, reply);
  };

  const answerNew = (request: FastifyRequest, reply: FastifyReply, filter: Partial<NodeFilter>): void => {
    const asText = prefersText(request);
    const list = service.queries.machines(filter);
    const { nodes, next_cursor } = list;
    const text = asText ? listText(nodes, next_cursor) : JSON.stringify(list);
    // What remains of a disabling changes by itself.
    const keep = !nodes.some(({ state }) => state === 'temp_disabled');
    send(lists.add(nameOf(request, asText), text, keep), asText, request, reply);
  };

  app.get(
    '/nodes',
    {
      config: { role: 'read' },
      onRequest: answerKept,
      schema: {
        operationId: 'listNodes',
        summary: 'All machines',
        tags: ['machines'],
        querystring: NodeFilter,
        headers: IfNoneMatchHeaders,
        response: { ...responses, ...problems(400) },
      },
    },
    (request, reply) => answerNew(request, reply, request.query),
  );

  app.get(
    '/clusters/:cluster_id/machines',
    {
      config: { role: 'read' },
      onRequest: answerKept,
      schema: {
        operationId: 'listMachines',
        summary: 'The machines of one cluster',
        tags: ['machines'],
        params: ClusterParams,
        querystring: MachineFilter,
        headers: IfNoneMatchHeaders,
        response: { ...responses, ...problems(400, 404) },
      },
    },
    (request, reply) => {
      const { cluster_id } = request.params;
      service.queries.cluster(cluster_id);
      answerNew(request, reply, { ...request.query, cluster_id });
    },
  );
}

/** Under which a list is kept. */
function nameOf({ url }: FastifyRequest, asText: boolean): string {
  return `${asText} ${url}`;
}

function send({ body, etag }: KeptList, asText: boolean, request: FastifyRequest, reply: FastifyReply): void {
  const contentType = asText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  reply.header('vary', reply.hasHeader('vary') ? 'Accept, Origin' : 'Accept').type(contentType);
  sendUnlessKnown(request, reply, etag, body);
}

/** One with more headers than are valid is refused, whatever is kept. Node has name and value of each in turn. */
function mayBeKept({ raw }: FastifyRequest): boolean {
  return raw.rawHeaders.length <= 2 * MOST_FIELDS;
}

function listText(nodes: readonly MachineView[], nextCursor: string | null): string {
  return machineTable(nodes) + (nextCursor === null ? '' : `(there are more: cursor=${nextCursor})\n`);
}

/** JSON for whoever does not care, or asks for something else still. */
function prefersText(request: FastifyRequest): boolean {
  const { accept } = request.headers;
  // So do most, and negotiating costs more than finding the list.
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return false;
  const best = request.accepts().type(['application/json', 'text/plain', 'text/plain; charset=utf-8']);
  return typeof best === 'string' && best.startsWith('text/plain');
}
