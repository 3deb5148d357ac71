import { CHANGES, STATE_CAUSES } from './changes.js';
import { Choice, DateTime, exampleOf, Id, named, OrNull, ref } from './common.js';
import { DrainView } from './machine.js';
import { type Static, type TSchema, Type } from './typebox.js';

/** What webhooks can be told. None of these events has packets in it. */
export const WEBHOOK_EVENTS = ['node_state', 'drain', 'reception', 'tag'] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

// As the notifications of `watch`, without `seq`, which another process would not continue.
const { seq: _nodeState, ...nodeState } = CHANGES.node_state.properties;
const { seq: _reception, ...reception } = CHANGES.reception.properties;
const { seq: _tag, ...tag } = CHANGES.tag.properties;

function withoutSeq(example: unknown): object {
  const { seq, ...data } = Object(example);
  return data;
}

const DATA = {
  node_state: named('NodeStateData', Type.Object(nodeState, { examples: [withoutSeq(exampleOf(CHANGES.node_state))] })),
  drain: named(
    'DrainData',
    Type.Object(
      {
        cluster_id: Id('cluster'),
        machine_id: Id('machine within the cluster'),
        from: OrNull(ref(DrainView)),
        to: OrNull(ref(DrainView)),
        cause: Choice(STATE_CAUSES, 'cause of the change'),
        by: Type.Optional(Type.String({ description: 'name of the token that was used' })),
      },
      {
        examples: [
          { cluster_id: 1, machine_id: 2, from: null, to: exampleOf(DrainView), cause: 'operator', by: 'alice' },
        ],
      },
    ),
  ),
  reception: named('ReceptionData', Type.Object(reception, { examples: [withoutSeq(exampleOf(CHANGES.reception))] })),
  tag: named('SharingTagData', Type.Object(tag, { examples: [withoutSeq(exampleOf(CHANGES.tag))] })),
} as const satisfies Record<WebhookEventType, TSchema>;

export type WebhookData = Static<(typeof DATA)[WebhookEventType]>;

function eventOf<K extends WebhookEventType, T extends TSchema>(
  name: string,
  type: K,
  data: T & { readonly $id: string },
) {
  const example = { type, timestamp: '2026-11-22T13:00:00.000Z', data: exampleOf(data) };
  return named(
    name,
    Type.Object(
      { type: Type.Literal(type), timestamp: DateTime('when it happened'), data: ref(data) },
      { examples: [example] },
    ),
  );
}

/** The bodies of webhooks, by the type of the event. */
export const WEBHOOK_BODIES = {
  node_state: eventOf('NodeStateEvent', 'node_state', DATA.node_state),
  drain: eventOf('DrainEvent', 'drain', DATA.drain),
  reception: eventOf('ReceptionEvent', 'reception', DATA.reception),
  tag: eventOf('SharingTagEvent', 'tag', DATA.tag),
} as const satisfies Record<WebhookEventType, TSchema>;

export const WEBHOOK_SCHEMAS = [...Object.values(DATA), ...Object.values(WEBHOOK_BODIES)];
