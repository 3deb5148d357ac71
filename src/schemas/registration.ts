import { type Static, Type } from 'typebox';
import { Choice, Id, LARGEST_ID, ProtocolName } from './common.js';

/** Longest time-out a registration may ask for, in seconds. */
const LONGEST_TIMEOUT = 2_147_483;

export const Reception = Choice(['receiving', 'disabled'], 'whether packets of this machine are delivered');

/** What a client remembers of a registration when it comes back. */
export const Resume = Type.Object({
  registration: Type.String(),
  epoch: Type.String(),
  seq: Type.Integer({ minimum: 0, description: 'the last one received' }),
});
export type Resume = Static<typeof Resume>;

export const RegisterParams = Type.Object(
  {
    module: Type.String({ minLength: 1, maxLength: 255 }),
    protocol: ProtocolName,
    timeout: Type.Union([Type.Literal(0), Type.Number({ minimum: 0.05, maximum: LONGEST_TIMEOUT })], {
      description: 'seconds of silence after which a machine is disabled for this registration; 0: watch nothing',
    }),
    auth_check: Type.Unsafe<boolean | 0 | 1>({
      enum: [true, false, 0, 1],
      description: 'whether packets whose source does not pass `check` are dropped',
    }),
    keepalive_seconds: Type.Optional(
      Type.Union([Type.Literal(0), Type.Number({ minimum: 0.05, maximum: LONGEST_TIMEOUT })], {
        description:
          'how often an empty packet of the module goes to the cluster while a socket carries the registration, so that machines do not take it for silent; 0, or left out: never',
      }),
    ),
    resume: Type.Optional(Resume),
    cluster_id: Type.Integer({
      minimum: 0,
      maximum: LARGEST_ID,
      description: '0: any cluster, without auth_check only',
    }),
  },
  { additionalProperties: false, description: 'Receives the packets of a module from now on, or again' },
);
export type RegisterParams = Static<typeof RegisterParams>;

/** How a resume went. */
const Resumed = Type.Object({
  resumed: Type.Literal(true),
  missed: Type.Integer({ minimum: 0, description: 'notifications that follow again' }),
});
const NotResumed = Type.Object({
  resumed: Type.Literal(false),
  reason: Choice(
    ['epoch', 'expired', 'overflow', 'unknown', 'mismatch'],
    'why this is a fresh registration, from seq 0',
  ),
  missed: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'notifications that are lost; null where that is not known',
  }),
});
export type ResumeOutcome = Static<typeof Resumed> | Static<typeof NotResumed>;
/** Why a registration could not be resumed whole, and how many notifications are lost where that is known. */
export type Refusal = Omit<Static<typeof NotResumed>, 'resumed'>;

const registered = {
  registration: Type.String({ description: 'cannot be guessed; whoever has it, and the same token, can resume' }),
  number: Type.Integer({ minimum: 1, description: 'stands for the registration in public and in binary frames' }),
  epoch: Type.String({ description: 'of this start of the process' }),
  seq: Type.Integer({ minimum: 0, description: 'the first notification has the next one' }),
  machines: Type.Array(Type.Object({ machine_id: Id('machine within the cluster'), reception: Reception })),
};

/** The last two where `resume` was given. */
export const RegisterAnswer = Type.Union([
  Type.Object(registered),
  Type.Object({ ...registered, ...Resumed.properties }),
  Type.Object({ ...registered, ...NotResumed.properties }),
]);
export type RegisterAnswer = Static<typeof RegisterAnswer>;
