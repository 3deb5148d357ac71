import { LeaderAnswer, ReplicaList } from '../../schemas/replicas.js';
import type { Replica } from '../../service/replicas/port.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

/** `GET /replicas`, and `GET /leaderz` for what moves the BIN address to the leader. They exist only with replicas. */
export function replicaRoutes(app: Routes, replica: Pick<Replica, 'leadership' | 'list'>): void {
  app.get(
    '/replicas',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'listReplicas',
        summary: 'List the replicas that share the log; 404 without CLUSTERER_NATS_URL',
        tags: ['service'],
        response: { 200: jsonResponse('Replicas, by name', ReplicaList), ...problems(404) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return { replicas: replica.list() };
    },
  );

  app.get(
    '/leaderz',
    {
      schema: {
        operationId: 'getLeader',
        summary: 'Check that this replica leads; 404 without CLUSTERER_NATS_URL',
        tags: ['service'],
        response: {
          200: jsonResponse('It leads', LeaderAnswer),
          503: jsonResponse('Another replica leads, or none', LeaderAnswer),
          ...problems(404),
        },
      },
    },
    async (_request, reply) => {
      const leader = replica.leadership.isLeading;
      reply.header('cache-control', 'no-store').code(leader ? 200 : 503);
      return { leader };
    },
  );
}
