import { type Static, Type } from 'typebox';
import { Choice, DateTime, exampleOf, Id, LARGEST_ID, named, OrNull, ProtocolName, ref, Text } from './common.js';

const SMALLEST_INT = -(2 ** 31);

export const MACHINE_STATES = ['up', 'temp_disabled', 'down'] as const;
export const State = Choice(MACHINE_STATES, 'in the table: 1, 2, 0');

export const DrainView = Type.Object(
  {
    reason: OrNull(Type.String()),
    until: OrNull(DateTime('when the machine comes back by itself; null: when someone says so')),
    by: OrNull(Type.String({ description: 'the name of the token that set it' })),
    since: DateTime('when it was set'),
  },
  { description: 'only while the machine is in a drain' },
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
      clusterer_id: Type.Integer({ description: 'primary key of the row' }),
      cluster_id: Id('cluster'),
      machine_id: Id('machine within the cluster'),
      protocol: Type.String(),
      url: Type.String(),
      address: OrNull(Type.String({ description: 'ip:port; null while the host cannot be resolved' })),
      state: State,
      description: OrNull(Type.String({ description: "null is kept as '' in the table, never as NULL" })),
      no_tries: Type.Integer({ description: 'failed attempts since the last success' }),
      failed_attempts: Type.Integer({ description: 'limit of no_tries; 0 or less: never disabled' }),
      duration: Type.Integer({ description: 'seconds a temporary disabling lasts' }),
      last_attempt: Type.Integer({ description: 'unix seconds of the last failed attempt, 0 for never' }),
      seconds_until_enabling: Type.Integer({ minimum: 0, description: 'what remains of a temporary disabling' }),
      disabled_for: Type.Array(Type.String(), {
        description: "modules for which the machine's reception is disabled by silence",
      }),
      drain: Type.Optional(DrainView),
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

/** Of a page for which no limit is named. */
export const MACHINES_OF_A_PAGE = 1000;

export const MachineFilter = Type.Object({
  machine_id: Type.Optional(Id('machine within the cluster')),
  protocol: Type.Optional(ProtocolName),
  state: Type.Optional(State),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: MACHINES_OF_A_PAGE })),
  cursor: Type.Optional(Type.String({ description: 'next_cursor of the page before' })),
});

export const NodeFilter = Type.Object({ cluster_id: Type.Optional(Id('cluster')), ...MachineFilter.properties });
export type NodeFilter = Static<typeof NodeFilter>;

/** What a person who sets a machine down must know. */
const UNDONE =
  'a reload or a restart can undo it, since the table wins (without persistent mode it still says what it said before)';

export const StatusBody = Type.Object(
  {
    status: Type.Unsafe<'up' | 'down' | 0 | 1>({
      enum: ['up', 'down', 1, 0],
      description: `\`down\` with neither \`reason\` nor \`until\` is the status of OpenSIPS 2.2: ${UNDONE}`,
    }),
    protocol: Type.Optional(ProtocolName),
    reason: Type.Optional(
      Text(200, {
        minLength: 1,
        description: 'why; with `down` it makes a drain, which lasts over reloads and restarts',
      }),
    ),
    until: Type.Optional(DateTime('with `down`: a drain, and the machine comes back by itself at this time')),
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
  description: `2 counts one failed attempt; of the others, ${UNDONE}`,
});

export const StateBody = Type.Object(
  { state: SetState, protocol: Type.Optional(ProtocolName) },
  { additionalProperties: false, examples: [{ state: 'temp_disabled', protocol: 'bin' }] },
);

const provisioned = {
  url: Type.String({ minLength: 1, maxLength: 64, description: '[protocol:]host[:port]' }),
  description: Type.Optional(OrNull(Text(64))),
  state: Type.Optional(Choice(['up', 'down'], 'temp_disabled is reached only by counting failures')),
  failed_attempts: Type.Optional(Type.Integer({ minimum: SMALLEST_INT, maximum: LARGEST_ID })),
  duration: Type.Optional(Type.Integer({ minimum: 0, maximum: LARGEST_ID, description: 'seconds' })),
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

/** Changes the fields it names; a machine that is not there yet needs its `url`. */
export const MachineBody = Type.Object(
  {
    machine_id: Type.Optional(Id('the one of the address, for clients that send what they created the machine with')),
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
