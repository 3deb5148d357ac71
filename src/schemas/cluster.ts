import { Choice, exampleOf, Id, named, OrNull, ProtocolName, ref } from './common.js';
import { type Static, Type } from './typebox.js';

export const ClusterView = named(
  'Cluster',
  Type.Object(
    {
      cluster_id: Id('cluster'),
      nodes: Type.Integer({ description: 'number of machines, without the own row' }),
      up: Type.Integer(),
      temp_disabled: Type.Integer(),
      down: Type.Integer(),
    },
    { examples: [{ cluster_id: 1, nodes: 3, up: 2, temp_disabled: 1, down: 0 }] },
  ),
);
export type ClusterView = Static<typeof ClusterView>;

export const ClusterList = named(
  'ClusterList',
  Type.Object({ clusters: Type.Array(ref(ClusterView)) }, { examples: [{ clusters: [exampleOf(ClusterView)] }] }),
);

export const RowFault = named(
  'RowFault',
  Type.Object({ clusterer_id: OrNull(Type.Integer()), field: Type.String(), reason: Type.String() }),
);

const RowFaults = (description: string) => Type.Array(ref(RowFault), { description });

const RowCount = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, description: `${description}; absent when 0` }));

/** The sum of `nodes`, `skipped`, `own`, `elsewhere` and `over_limit` is the number of rows read. */
export const ReloadAnswer = named(
  'Reload',
  Type.Object(
    {
      clusters: Type.Integer(),
      nodes: Type.Integer(),
      added: Type.Integer(),
      removed: Type.Integer(),
      changed: Type.Integer(),
      skipped: RowFaults('rows that were not loaded, with the reason'),
      repaired: RowFaults('rows that were loaded with another value for an invalid field'),
      own: RowCount('own rows'),
      elsewhere: RowCount('rows of clusters without an own row'),
      over_limit: RowCount('further rows over CLUSTERER_MAX_MACHINES, after the one in `skipped`'),
    },
    {
      examples: [
        {
          clusters: 1,
          nodes: 3,
          added: 1,
          removed: 0,
          changed: 0,
          skipped: [{ clusterer_id: 7, field: 'url', reason: 'the port is not 1 to 65535' }],
          repaired: [{ clusterer_id: 4, field: 'last_attempt', reason: 'is not a plausible time; it counts as now' }],
          own: 1,
        },
      ],
    },
  ),
);
export type ReloadAnswer = Static<typeof ReloadAnswer>;

export const CheckQuery = Type.Object({
  address: Type.String({ minLength: 2, maxLength: 64, description: 'IP[:port]; the port is ignored' }),
  server_id: Id("the sender's machine id"),
  protocol: Type.Optional(ProtocolName),
});

export const CheckAnswer = named('Check', Type.Object({ known: Type.Boolean() }, { examples: [{ known: true }] }));

export const IdAnswer = named(
  'ServerId',
  Type.Object(
    { server_id: Type.Integer({ minimum: 0, description: "the service's own machine id; 0: observer" }) },
    { examples: [{ server_id: 0 }] },
  ),
);

export const VersionAnswer = named(
  'Version',
  Type.Object(
    {
      version: Type.String({ description: 'version of the service' }),
      dialects: Type.Array(Choice(['2.2', '2.4'], '2.4: OpenSIPS 2.4 to 4.0'), {
        description: 'dialects of OpenSIPS that the service speaks',
      }),
      commit: OrNull(Type.String({ description: 'commit that the service was built from; null: unknown' })),
    },
    { examples: [{ version: '1.0.0', dialects: ['2.2', '2.4'], commit: null }] },
  ),
);
export type VersionAnswer = Static<typeof VersionAnswer>;

export const HealthAnswer = named(
  'Health',
  Type.Object({ status: Type.Literal('ok') }, { examples: [{ status: 'ok' }] }),
);

export const ReadyAnswer = named(
  'Readiness',
  Type.Object(
    {
      status: Type.Unsafe<Readiness>({
        type: 'string',
        enum: ['ready', 'degraded', 'starting', 'stopping', 'log_unavailable'],
      }),
      in_memory: Type.Optional(
        Type.Array(Choice(['drains', 'history'], 'lost when the service stops'), {
          description: 'present only when the database does not allow the own tables',
        }),
      ),
    },
    { examples: [{ status: 'ready' }] },
  ),
);
export type ReadyAnswer = Static<typeof ReadyAnswer>;
export type Readiness = 'ready' | 'degraded' | 'starting' | 'stopping' | 'log_unavailable';
