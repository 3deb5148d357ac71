import { Choice, DateTime, exampleOf, Id, named, OrNull, ref } from './common.js';
import { type Static, Type } from './typebox.js';
import { HISTORY_KINDS, LARGEST_HISTORY_PAGE } from './values.js';

/** Default page size. */
export const ENTRIES_OF_A_PAGE = 100;

export const HistoryQuery = Type.Object({
  cluster_id: Type.Optional(Id('cluster')),
  machine_id: Type.Optional(Id('machine within the cluster')),
  kind: Type.Optional(Choice(HISTORY_KINDS, 'kind of event')),
  since: Type.Optional(DateTime('from this time on')),
  until: Type.Optional(DateTime('before this time')),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LARGEST_HISTORY_PAGE, default: ENTRIES_OF_A_PAGE })),
  cursor: Type.Optional(Type.String({ description: '`next_cursor` of the previous page' })),
});
export type HistoryQuery = Static<typeof HistoryQuery>;

export const HistoryEntryView = named(
  'HistoryEntry',
  Type.Object(
    {
      id: Type.Integer({ description: 'increases with every event, across restarts too' }),
      at: DateTime('time of the event'),
      kind: Type.String({ description: HISTORY_KINDS.join(', ') }),
      cluster_id: OrNull(Type.Integer({ description: 'null: not about one cluster' })),
      machine_id: OrNull(Type.Integer()),
      cause: OrNull(Type.String({ description: 'cause, where there are several possible ones' })),
      by: OrNull(
        Type.String({
          description: 'name of the token that was used; null when the service acted by itself or has no tokens',
        }),
      ),
      detail: Type.Unsafe<Readonly<Record<string, unknown>>>(
        Type.Object({}, { additionalProperties: true, description: 'further fields, depending on `kind`' }),
      ),
    },
    {
      examples: [
        {
          id: 1795900077799001,
          at: '2026-11-22T13:00:00.000Z',
          kind: 'node_state',
          cluster_id: 1,
          machine_id: 2,
          cause: 'operator',
          by: 'alice',
          detail: { from: 'up', to: 'down' },
        },
      ],
    },
  ),
);
export type HistoryEntryView = Static<typeof HistoryEntryView>;

export const HistoryPage = named(
  'HistoryPage',
  Type.Object(
    { entries: Type.Array(ref(HistoryEntryView)), next_cursor: OrNull(Type.String()) },
    { examples: [{ entries: [exampleOf(HistoryEntryView)], next_cursor: null }] },
  ),
);
export type HistoryPage = Static<typeof HistoryPage>;
