import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { reconnectAfterMs } from '../../ground/reconnect-delay.js';
import { ConcurrencyQuota } from '../../limits/quota.js';
import { peerOf, type Rejections } from '../../limits/rejections.js';
import { Id } from '../../schemas/common.js';
import type { Notifications } from '../../schemas/notifications.js';
import { Type } from '../../schemas/typebox.js';
import type { Tokens } from '../../security/tokens.js';
import type { ClusterService } from '../../service/cluster-service.js';
import type { Change } from '../../service/events/change-log.js';
import { problems, type Routes, textContent } from '../answers/route-types.js';

export interface EventOptions {
  readonly heartbeatSeconds: number;
  /** Bytes that may wait for one stream. A slower stream is closed; its client reconnects with Last-Event-ID. */
  readonly wsQueueBytes: number;
  readonly wsMaxClients: number;
  readonly wsMaxPerClient: number;
  readonly tokens: Tokens;
}

const EXAMPLE = `id: q3Z9xw:12
event: snapshot
data: {"seq":12,"nodes":[],"modules":[]}

`;

/** `GET /events`: the stream of `watch`, as Server-Sent Events. */
export function eventRoutes(app: Routes, service: ClusterService, options: EventOptions, rejections: Rejections): void {
  const streams = new Map<ServerResponse, Pick<FastifyRequest, 'caller' | 'remote'>>();
  const quota = new ConcurrencyQuota(options.wsMaxPerClient);

  options.tokens.onReplaced(() => {
    for (const [stream, request] of streams) {
      if (options.tokens.inForce(request.caller)) continue;
      rejections.add('http', 'token_withdrawn', peerOf(request), 'GET /events', 'token withdrawn');
      // A client that does not read would keep the stream open.
      if (stream.writableLength > 0) stream.destroy();
      else stream.end();
    }
  });

  app.addHook('preClose', async () => {
    for (const stream of streams.keys()) stream.end(goingAway(reconnectAfterMs(Math.random())));
  });

  app.get(
    '/events',
    {
      config: { role: 'read' },
      // A HEAD request would never end.
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        summary: 'Stream changes as Server-Sent Events; the first event is a snapshot',
        tags: ['service'],
        querystring: Type.Object({ cluster_id: Type.Optional(Id('only this cluster; by default all')) }),
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ description: 'continues after this event, if no later event is lost' }),
          ),
        }),
        response: {
          200: { description: 'The stream', content: textContent('text/event-stream', EXAMPLE) },
          ...problems(400),
        },
      },
    },
    async (request, reply) => {
      if (streams.size >= options.wsMaxClients) {
        throw new ServiceError(
          'too_many_sockets',
          `At most ${options.wsMaxClients} streams can be open (CLUSTERER_WS_MAX_CLIENTS); try again later.`,
        );
      }
      const { client } = request;
      if (!quota.acquire(client)) {
        throw new ServiceError(
          'too_many_sockets',
          `A client can have at most ${options.wsMaxPerClient} open streams (CLUSTERER_WS_MAX_PER_CLIENT); close one.`,
        );
      }
      reply.hijack();
      const stream = reply.raw;
      // The hooks have set these for every response; a hijacked one would lose them.
      for (const [name, value = ''] of Object.entries(reply.getHeaders())) stream.setHeader(name, value);
      streams.set(stream, request);
      const stop = startStream(stream, service, options, {
        clusterId: request.query.cluster_id ?? null,
        lastEventId: request.headers['last-event-id'] ?? null,
        onSlow: () => {
          const why = 'slow consumer: more than CLUSTERER_WS_QUEUE_BYTES pending';
          rejections.add('http', 'slow_consumer', peerOf(request), 'GET /events', why);
        },
      });
      stream.once('close', () => {
        streams.delete(stream);
        quota.release(client);
        stop();
      });
    },
  );
}

interface StreamRequest {
  readonly clusterId: number | null;
  readonly lastEventId: string | null;
  /** Called when too many bytes wait for the client. */
  readonly onSlow: () => void;
}

/** Starts with the missed changes if all of them are kept, otherwise with a snapshot. @returns a function that stops it */
function startStream(
  stream: ServerResponse,
  service: ClusterService,
  options: EventOptions,
  { clusterId, lastEventId, onSlow }: StreamRequest,
): () => void {
  // One event of any length may always wait: the snapshot must get through.
  const write = (text: string) => {
    // After its end it stays open until the client has read everything; later changes are not for it.
    if (stream.writableEnded) return;
    if (stream.writableLength <= options.wsQueueBytes) {
      stream.write(text);
    } else if (!stream.destroyed) {
      onSlow();
      stream.destroy();
    }
  };
  const event = (name: string, seq: number, json: string) => {
    write(`id: ${service.changesEpoch}:${seq}\nevent: ${name}\ndata: ${json}\n\n`);
  };
  const send = ({ method, seq, json }: Change) => event(method, seq, json);

  stream.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  // A client that has missed nothing must still see at once that the stream is open.
  stream.flushHeaders();
  const missed = lastEventId === null ? null : missedSince(lastEventId, service, clusterId);
  const stopWatching = service.changes.watch(clusterId, send);
  if (missed !== null) missed.forEach(send);
  else event('snapshot', service.changes.seq, JSON.stringify(service.queries.snapshot(clusterId)));

  // So that proxies do not take a quiet stream for a dead one, and that lost clients are noticed.
  const beat = setInterval(() => write(':\n\n'), options.heartbeatSeconds * 1000);
  return () => {
    clearInterval(beat);
    stopWatching();
  };
}

/** `retry` is the time that a browser waits before it reconnects by itself. */
function goingAway(afterMs: number): string {
  const params: Notifications['going_away'] = { reconnect_after_ms: afterMs };
  return `retry: ${afterMs}\nevent: going_away\ndata: ${JSON.stringify(params)}\n\n`;
}

/** Returns null when the id is of another process, or when changes after it are no longer kept. */
function missedSince(lastEventId: string, service: ClusterService, clusterId: number | null): readonly Change[] | null {
  const [epoch, seq = ''] = lastEventId.split(':');
  if (epoch !== service.changesEpoch || !/^\d{1,15}$/.test(seq)) return null;
  return service.changes.since(Number(seq), clusterId);
}
