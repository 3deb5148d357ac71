import { Choice, DateTime, exampleOf, Id, named, OrNull, ProtocolName, ref, Text } from './common.js';
import { FLEET_FIELDS } from './fleet.js';
import { type Static, Type } from './typebox.js';
import { LARGEST_ID, MACHINE_STATES } from './values.js';

const SMALLEST_INT = -(2 ** 31);

export const State = Choice(MACHINE_STATES, 'up, temp_disabled, down: 1, 2, 0 in the table');

const DRAIN = { reason: 'kernel update', until: null, by: 'alice', since: '2026-11-22T13:00:00.000Z' };

export const DrainView = named(
  'Drain',
  Type.Object(
    {
      reason: OrNull(Type.String()),
      until: OrNull(DateTime('when the drain ends; null: when an operator ends it')),
      by: OrNull(Type.String({ description: 'name of the token that was used' })),
      since: DateTime('start of the drain'),
    },
    {
      description: 'A machine that an operator has set down, with a reason or an end; it survives reloads',
      examples: [DRAIN],
    },
  ),
);
export type DrainView = Static<typeof DrainView>;

const MACHINE = {
  clusterer_id: 1,
  cluster_id: 1,
  machine_id: 2,
  protocol: 'bin',
  url: 'bin:127.0.0.2:5555',
  address: '127.0.0.2:5555',
  state: 'up',
  description: 'sip-2',
  no_tries: 0,
  failed_attempts: 3,
  duration: 30,
  last_attempt: 0,
  seconds_until_enabling: 0,
  disabled_for: [],
};

export const MachineView = named(
  'Machine',
  Type.Object(
    {
      clusterer_id: Type.Integer({ description: 'primary key of the row; 0: no row' }),
      cluster_id: Id('cluster'),
      machine_id: Id('machine within the cluster'),
      protocol: Type.String(),
      url: Type.String(),
      address: OrNull(Type.String({ description: 'ip:port; null while the host name cannot be resolved' })),
      state: State,
      description: OrNull(Type.String({ description: "null is stored as '' in the table, never as NULL" })),
      no_tries: Type.Integer({ description: 'failed attempts since the last success' }),
      failed_attempts: Type.Integer({
        description: 'limit of `no_tries`; 0 or less: never disabled (in dialect 2.4 the same as 1)',
      }),
      duration: Type.Integer({ description: 'seconds that a temporary disabling lasts' }),
      last_attempt: Type.Integer({ description: 'last failed attempt, in unix seconds; 0: never' }),
      seconds_until_enabling: Type.Integer({
        minimum: 0,
        description:
          'remaining seconds of a temporary disabling; in dialect 2.4 the seconds until the next ping, whose reply enables the machine',
      }),
      disabled_for: Type.Array(Type.String(), {
        description: "modules for which silence has disabled the machine's reception",
      }),
      drain: Type.Optional(ref(DrainView)),
      ...Type.Partial(Type.Object(FLEET_FIELDS)).properties,
    },
    { description: 'One row of the clusterer table', examples: [MACHINE] },
  ),
);
export type MachineView = Static<typeof MachineView>;

export const MachineList = named(
  'MachineList',
  Type.Object(
    { nodes: Type.Array(ref(MachineView)), next_cursor: OrNull(Type.String()) },
    { examples: [{ nodes: [MACHINE], next_cursor: null }] },
  ),
);

/** Default page size. */
export const MACHINES_OF_A_PAGE = 1000;

export const MachineFilter = Type.Object({
  machine_id: Type.Optional(Id('machine within the cluster')),
  protocol: Type.Optional(ProtocolName),
  state: Type.Optional(State),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: MACHINES_OF_A_PAGE })),
  cursor: Type.Optional(Type.String({ description: '`next_cursor` of the previous page' })),
});

export const NodeFilter = Type.Object({ cluster_id: Type.Optional(Id('cluster')), ...MachineFilter.properties });
export type NodeFilter = Static<typeof NodeFilter>;

const UNDONE =
  'a reload or a restart can undo this, since the table wins (only persistent mode writes the state to the table)';

export const StatusBody = Type.Object(
  {
    status: Type.Unsafe<'up' | 'down' | 0 | 1>({
      enum: ['up', 'down', 1, 0],
      description: `\`down\` without \`reason\` and \`until\` is the status of OpenSIPS 2.2: ${UNDONE}`,
    }),
    protocol: Type.Optional(ProtocolName),
    reason: Type.Optional(
      Text(200, {
        minLength: 1,
        description: 'why; with `down` this starts a drain, which survives reloads and restarts',
      }),
    ),
    until: Type.Optional(DateTime('with `down` this starts a drain that ends at this time')),
  },
  {
    additionalProperties: false,
    examples: [{ status: 'down', reason: 'kernel update', until: '2030-01-01T06:00:00Z' }],
  },
);
export type StatusBody = Static<typeof StatusBody>;

/** As OpenSIPS 2.2's `set_state`: 2 (`temp_disabled`) counts one failed attempt. */
export type StateName = (typeof MACHINE_STATES)[number] | 0 | 1 | 2;
export const SetState = Type.Unsafe<StateName>({
  enum: ['up', 'down', 'temp_disabled', 0, 1, 2],
  description: `2 counts one failed attempt; for the others, ${UNDONE}`,
});

export const StateBody = Type.Object(
  { state: SetState, protocol: Type.Optional(ProtocolName) },
  { additionalProperties: false, examples: [{ state: 'temp_disabled', protocol: 'bin' }] },
);

const provisioned = {
  url: Type.String({ minLength: 1, maxLength: 64, description: '[protocol:]host[:port]' }),
  description: Type.Optional(OrNull(Text(64))),
  state: Type.Optional(
    Choice(
      ['up', 'down'],
      'temp_disabled cannot be set; failed attempts lead to it. For a machine that exists this is a plain status, which a reload can undo',
    ),
  ),
  failed_attempts: Type.Optional(Type.Integer({ minimum: SMALLEST_INT, maximum: LARGEST_ID })),
  duration: Type.Optional(
    Type.Integer({ minimum: 0, maximum: LARGEST_ID, description: 'seconds that a temporary disabling lasts' }),
  ),
  priority: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: LARGEST_ID,
      description:
        'only in clusters of dialect 2.4: among equally short paths, packets go through the machine with the lower priority; default 50',
    }),
  ),
  sip_addr: Type.Optional(OrNull(Text(64, { description: 'only in clusters of dialect 2.4: SIP address' }))),
};

export const NewMachineBody = Type.Object(
  { machine_id: Id('machine within the cluster'), ...provisioned },
  {
    additionalProperties: false,
    examples: [
      { machine_id: 2, url: 'bin:127.0.0.2:5555', description: 'sip-2', state: 'up', failed_attempts: 3, duration: 30 },
    ],
  },
);

/** Changes the given fields. A new machine needs its `url`. */
export const MachineBody = Type.Object(
  {
    machine_id: Type.Optional(
      Id('same as in the path; accepted so that clients can send the body of the creation again'),
    ),
    ...provisioned,
    url: Type.Optional(provisioned.url),
  },
  { additionalProperties: false, examples: [{ url: 'bin:127.0.0.3:5555', description: 'sip-2, moved' }] },
);
export type MachineBody = Static<typeof MachineBody>;

export const UpNodesQuery = Type.Object({ protocol: Type.Optional(ProtocolName) });

export const UpMachine = named(
  'UpMachine',
  Type.Object(
    {
      machine_id: Id('machine within the cluster'),
      state: State,
      description: OrNull(Type.String()),
      address: OrNull(Type.String()),
      protocol: Type.String(),
    },
    {
      examples: [{ machine_id: 2, state: 'up', description: 'sip-2', address: '127.0.0.2:5555', protocol: 'bin' }],
    },
  ),
);
export type UpMachine = Static<typeof UpMachine>;
export const UpMachineList = named(
  'UpMachineList',
  Type.Object({ nodes: Type.Array(ref(UpMachine)) }, { examples: [{ nodes: [exampleOf(UpMachine)] }] }),
);
