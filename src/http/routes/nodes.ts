import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { ClusterParams, exampleOf } from '../../schemas/common.js';
import { MachineFilter, MachineList, MachineView, NodeFilter } from '../../schemas/machine.js';
import { Type } from '../../schemas/typebox.js';
import { MAX_FIELDS } from '../../schemas/validation.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { machineTable } from '../../text/text-table.js';
import { EtagHeader, IfNoneMatchHeaders, sendUnlessKnown } from '../answers/etag.js';
import { type CachedList, ListCache, listOf } from '../answers/list-cache.js';
import { jsonResponse, problems, type Routes, textContent } from '../answers/route-types.js';

/** The lists of machines: `GET /nodes` (OpenSIPS 2.2's `clusterer_list`) and the machines of one cluster. */
export function nodeRoutes(app: Routes, service: ClusterService): void {
  const lists = new ListCache();
  const jsonAnswer = jsonResponse('', MachineList);
  const machine = exampleOf(MachineView) as MachineView;
  const responses = {
    200: {
      description: 'Sorted by cluster and machine, without the own rows',
      headers: { etag: EtagHeader, vary: Type.String({ description: 'Accept' }) },
      content: { ...jsonAnswer.content, ...textContent('text/plain', machineTable([machine])) },
    },
    304: Type.Null({ description: 'The list still has the ETag of If-None-Match' }),
  };

  /** Runs after the role check and before validation: a cached URL was valid when its list was made. */
  const serveCached: onRequestHookHandler = (request, reply, done) => {
    const asText = prefersText(request);
    const list = lists.find(cacheKey(request, asText), service.machinesVersion);
    if (list === undefined || hasTooManyHeaders(request)) done();
    else send(list, asText, request, reply);
  };

  const serveNew = (request: FastifyRequest, reply: FastifyReply, filter: Partial<NodeFilter>): void => {
    const asText = prefersText(request);
    const list = service.queries.machines(filter);
    const { nodes, next_cursor } = list;
    const page = listOf(asText ? tableOf(nodes, next_cursor) : JSON.stringify(list));
    if (isCacheable(nodes)) lists.add(cacheKey(request, asText), page);
    send(page, asText, request, reply);
  };

  app.get(
    '/nodes',
    {
      config: { role: 'read' },
      onRequest: serveCached,
      schema: {
        operationId: 'listNodes',
        summary: 'List all machines',
        tags: ['machines'],
        querystring: NodeFilter,
        headers: IfNoneMatchHeaders,
        response: { ...responses, ...problems(400) },
      },
    },
    (request, reply) => serveNew(request, reply, request.query),
  );

  app.get(
    '/clusters/:cluster_id/machines',
    {
      config: { role: 'read' },
      onRequest: serveCached,
      schema: {
        operationId: 'listMachines',
        summary: 'List the machines of a cluster',
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
      serveNew(request, reply, { ...request.query, cluster_id });
    },
  );
}

function cacheKey({ url }: FastifyRequest, asText: boolean): string {
  return `${asText} ${url}`;
}

/** The remaining seconds of a temporary disabling change without a change of the machine. */
function isCacheable(nodes: readonly MachineView[]): boolean {
  return !nodes.some(({ state }) => state === 'temp_disabled');
}

/** Validation refuses such a request, so the cache must not serve it. `rawHeaders` holds names and values in turn. */
function hasTooManyHeaders({ raw }: FastifyRequest): boolean {
  return raw.rawHeaders.length > 2 * MAX_FIELDS;
}

function send({ body, etag }: CachedList, asText: boolean, request: FastifyRequest, reply: FastifyReply): void {
  const contentType = asText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  reply.header('vary', reply.hasHeader('vary') ? 'Accept, Origin' : 'Accept').type(contentType);
  sendUnlessKnown(request, reply, etag, body);
}

function tableOf(nodes: readonly MachineView[], nextCursor: string | null): string {
  return machineTable(nodes) + (nextCursor === null ? '' : `(there are more: cursor=${nextCursor})\n`);
}

/** JSON is the default, also for a client that accepts neither. */
function prefersText(request: FastifyRequest): boolean {
  const { accept } = request.headers;
  // The usual values; negotiation costs more than finding the list.
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return false;
  const best = request.accepts().type(['application/json', 'text/plain', 'text/plain; charset=utf-8']);
  return typeof best === 'string' && best.startsWith('text/plain');
}
