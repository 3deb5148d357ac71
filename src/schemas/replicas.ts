import { exampleOf, named, ref } from './common.js';
import { type Static, Type } from './typebox.js';

export const ReplicaView = named(
  'Replica',
  Type.Object(
    {
      name: Type.String({ description: 'name of the replica (CLUSTERER_REPLICA)' }),
      leader: Type.Boolean({ description: 'true: it sends to machines and writes rows' }),
      applied_seq: Type.Integer({
        minimum: 0,
        description: 'position of the log up to which it has applied everything',
      }),
      lag_ms: Type.Integer({ minimum: 0, description: 'time that the newest entry took to it, in milliseconds' }),
      since: Type.String({ format: 'date-time', description: 'when it started' }),
    },
    { examples: [{ name: 'hub-1', leader: true, applied_seq: 4711, lag_ms: 1, since: '2026-11-29T12:00:00.000Z' }] },
  ),
);
export type ReplicaView = Static<typeof ReplicaView>;

export const ReplicaList = named(
  'ReplicaList',
  Type.Object({ replicas: Type.Array(ref(ReplicaView)) }, { examples: [{ replicas: [exampleOf(ReplicaView)] }] }),
);

export const LeaderAnswer = named(
  'Leader',
  Type.Object(
    { leader: Type.Boolean({ description: 'whether this replica leads' }) },
    { examples: [{ leader: true }] },
  ),
);
