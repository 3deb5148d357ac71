import { ChangeSeq, Choice, DateTime, exampleOf, Id, named, OrNull, PATTERNS, ref } from './common.js';
import { type Static, Type } from './typebox.js';

/** Sharing tags of clusters of OpenSIPS 3.0 to 4.0. */

const TagState = Choice(
  ['active', 'backup', 'unknown'],
  'what the machine is for the tag, by what it has announced and what it was told',
);

export const TagMachine = named(
  'SharingTagMachine',
  Type.Object({ machine_id: Id('machine within the cluster'), state: TagState }),
);

const EXAMPLE = {
  tag: 'vip',
  owner: 2,
  machines: [
    { machine_id: 2, state: 'active' },
    { machine_id: 3, state: 'backup' },
  ],
  since: '2026-11-22T13:00:00.000Z',
  managed: true,
  fence: 4,
  failover: [3],
  after_seconds: 10,
};

export const TagView = named(
  'SharingTag',
  Type.Object(
    {
      tag: Type.String({ description: 'upper and lower case differ' }),
      owner: OrNull(
        Id(
          'the machine that is to be active; of a tag that is not managed, the one that announced last that it is active',
        ),
      ),
      machines: Type.Array(ref(TagMachine), { description: 'by machine id' }),
      since: OrNull(DateTime('since when the owner has the tag; null: unknown')),
      managed: Type.Boolean({ description: 'whether the service keeps the tag on its owner' }),
      fence: Type.Integer({
        minimum: 0,
        description: 'rises with every change of a managed tag, across restarts too; 0: it was never managed',
      }),
      failover: Type.Array(Id('machine within the cluster'), {
        description: 'who takes the tag when the owner is lost, in this order',
      }),
      after_seconds: OrNull(
        Type.Number({
          minimum: 0,
          description: 'how long the link to the owner must be down before that; null: not managed',
        }),
      ),
    },
    { examples: [EXAMPLE] },
  ),
);
export type TagView = Static<typeof TagView>;

export const TagList = named(
  'SharingTagList',
  Type.Object(
    { tags: Type.Array(ref(TagView), { description: 'by name' }) },
    { examples: [{ tags: [exampleOf(TagView)] }] },
  ),
);
export type TagList = Static<typeof TagList>;

/** Part of an MI parameter `tag/cluster`, and of a row. */
const TagName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: PATTERNS['must be printable ASCII without spaces and slashes'],
  description: 'name of the tag: printable ASCII without spaces and slashes',
});

export const TagParams = Type.Object({ cluster_id: Id('cluster'), tag: TagName });

export const TagBody = Type.Object(
  {
    owner: Id('the machine that is to be active'),
    failover: Type.Optional(
      Type.Array(Id('machine within the cluster'), {
        maxItems: 128,
        uniqueItems: true,
        default: [],
        description: 'who takes the tag when the owner is lost, in this order; empty: nobody',
      }),
    ),
    after_seconds: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        default: 10,
        description: 'how long the link to the owner must be down before that',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ owner: 2, failover: [3], after_seconds: 10 }] },
);
export type TagBody = Static<typeof TagBody>;

export const TagReason = Choice(
  ['operator', 'failover', 'demoted', 'announced', 'lost'],
  'operator: the tag was given or released; failover: the owner was lost; demoted: a machine was active that is not the owner; announced: a machine announced that it is active; lost: the active machine cannot be reached',
);

/** The notification `tag` of `watch`. */
export const TAG_CHANGE = Type.Object(
  {
    seq: ChangeSeq,
    cluster_id: Id('cluster'),
    machine_id: OrNull(Id('the machine that the reason is about')),
    from: OrNull(Id('owner before the change')),
    reason: TagReason,
    by: Type.Optional(Type.String({ description: 'name of the token that was used' })),
    ...TagView.properties,
  },
  {
    examples: [{ seq: 13, cluster_id: 1, machine_id: 2, from: 3, reason: 'operator', by: 'alice', ...EXAMPLE }],
    description: 'A sharing tag has another owner, or another machine is active or may be; shows the tag after it',
  },
);
