import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ServiceError } from '../../ground/errors.js';
import { reconnectAfterMs } from '../../ground/reconnect-delay.js';
import { Shares } from '../../limits/quota.js';
import { type Refusals, whoOf } from '../../limits/rejections.js';
import { Id } from '../../schemas/common.js';
import type { Notifications } from '../../schemas/notifications.js';
import type { Tokens } from '../../security/tokens.js';
import type { ClusterService } from '../../service/cluster-service.js';
import type { Change } from '../../service/events/change-log.js';
import { problems, type Routes, textAnswer } from '../answers/route-types.js';

export interface EventOptions {
  readonly heartbeatSeconds: number;
  /** How much may wait for one stream; past it, it is cut off, and its client comes back with Last-Event-ID. */
  readonly wsQueueBytes: number;
  readonly wsMaxClients: number;
  readonly wsMaxPerClient: number;
  readonly tokens: Tokens;
}

const EXAMPLE = `id: q3Z9xw:12
event: snapshot
data: {"seq":12,"nodes":[],"modules":[]}

`;

/** `GET /events`: what a socket's `watch` streams, as Server-Sent Events. */
export function eventRoutes(app: Routes, service: ClusterService, options: EventOptions, refusals: Refusals): void {
  const streams = new Map<ServerResponse, Pick<FastifyRequest, 'caller' | 'ip'>>();
  const shares = new Shares(options.wsMaxPerClient);

  options.tokens.onReplaced(() => {
    for (const [stream, request] of streams) {
      if (options.tokens.inForce(request.caller)) continue;
      refusals.add('http', 'token_withdrawn', whoOf(request), 'GET /events', 'the token was withdrawn');
      // What waits for one who does not read would keep the stream open.
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
      // It would never end.
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        summary: 'What happens, as Server-Sent Events; the first is a snapshot',
        tags: ['service'],
        querystring: Type.Object({ cluster_id: Type.Optional(Id('cluster; all of them unless named')) }),
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ description: 'goes on behind this event, where that is whole' }),
          ),
        }),
        response: {
          200: { description: 'The stream', content: textAnswer('text/event-stream', EXAMPLE) },
          ...problems(400),
        },
      },
    },
    async (request, reply) => {
      if (streams.size >= options.wsMaxClients) {
        throw new ServiceError(
          'too_many_sockets',
          `At most ${options.wsMaxClients} streams may be open; try again later.`,
        );
      }
      const { client } = request;
      if (!shares.take(client)) {
        throw new ServiceError(
          'too_many_sockets',
          `One client may have at most ${options.wsMaxPerClient} streams open (CLUSTERER_WS_MAX_PER_CLIENT); close one.`,
        );
      }
      reply.hijack();
      const stream = reply.raw;
      // What every answer carries: a stream that is taken over would go without.
      for (const [name, value = ''] of Object.entries(reply.getHeaders())) stream.setHeader(name, value);
      streams.set(stream, request);
      const stop = startStream(stream, service, options, {
        clusterId: request.query.cluster_id ?? null,
        lastEventId: request.headers['last-event-id'] ?? null,
        onSlow: () => {
          const why = 'more waits for the stream than CLUSTERER_WS_QUEUE_BYTES; its client reads too slowly';
          refusals.add('http', 'slow_consumer', whoOf(request), 'GET /events', why);
        },
      });
      stream.once('close', () => {
        streams.delete(stream);
        shares.giveBack(client);
        stop();
      });
    },
  );
}

interface Asked {
  readonly clusterId: number | null;
  readonly lastEventId: string | null;
  /** Too many bytes wait for the client. */
  readonly onSlow: () => void;
}

/** Begins with what was missed where that is whole, else with a snapshot; answers how to stop. */
function startStream(
  stream: ServerResponse,
  service: ClusterService,
  options: EventOptions,
  { clusterId, lastEventId, onSlow }: Asked,
): () => void {
  // One event, however long, may always wait: the snapshot must get through.
  const write = (text: string) => {
    // It ends, and closes only once its client has read all: what happens meanwhile is not for it.
    if (stream.writableEnded) return;
    if (stream.writableLength <= options.wsQueueBytes) {
      stream.write(text);
    } else if (!stream.destroyed) {
      onSlow();
      stream.destroy();
    }
  };
  const event = (name: string, seq: number, json: string) => {
    write(`id: ${service.epoch}:${seq}\nevent: ${name}\ndata: ${json}\n\n`);
  };
  const tell = ({ method, seq, json }: Change) => event(method, seq, json);

  stream.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  // One who comes back and has missed nothing is told at once that the stream is open.
  stream.flushHeaders();
  const missed = lastEventId === null ? null : missedSince(lastEventId, service, clusterId);
  const stopWatching = service.changes.watch(clusterId, tell);
  if (missed !== null) missed.forEach(tell);
  else event('snapshot', service.changes.seq, JSON.stringify(service.queries.snapshot(clusterId)));

  // Keeps what lies between from taking a quiet stream for a dead one, and finds readers that have gone.
  const beat = setInterval(() => write(':\n\n'), options.heartbeatSeconds * 1000);
  return () => {
    clearInterval(beat);
    stopWatching();
  };
}

/** `retry` is what a browser waits before it comes back by itself. */
function goingAway(afterMs: number): string {
  const params: Notifications['going_away'] = { reconnect_after_ms: afterMs };
  return `retry: ${afterMs}\nevent: going_away\ndata: ${JSON.stringify(params)}\n\n`;
}

/** Null when the id is of another start of the process, or what followed it is no longer kept. */
function missedSince(lastEventId: string, service: ClusterService, clusterId: number | null): readonly Change[] | null {
  const [epoch, seq = ''] = lastEventId.split(':');
  if (epoch !== service.epoch || !/^\d{1,15}$/.test(seq)) return null;
  return service.changes.since(Number(seq), clusterId);
}
