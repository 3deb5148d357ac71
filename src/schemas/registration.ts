import { Choice, Id, named, ProtocolName, ref } from './common.js';
import { type Static, Type } from './typebox.js';
import { LARGEST_ID } from './values.js';

/** Seconds. In milliseconds it still fits a Node timer (2^31 - 1). */
const MAX_TIMEOUT = 2_147_483;

export const Reception = Choice(['receiving', 'disabled'], 'whether packets of this machine are delivered');

/** What a client keeps of a registration to resume it. */
export const Resume = named(
  'Resume',
  Type.Object({
    registration: Type.String(),
    epoch: Type.String(),
    seq: Type.Integer({ minimum: 0, description: 'last `seq` received' }),
  }),
);
export type Resume = Static<typeof Resume>;

export const RegisterParams = Type.Object(
  {
    module: Type.String({ minLength: 1, maxLength: 255 }),
    protocol: ProtocolName,
    timeout: Type.Union([Type.Literal(0), Type.Number({ minimum: 0.05, maximum: MAX_TIMEOUT })], {
      description:
        'seconds of silence after which the reception of a machine is disabled for this registration; 0: never',
    }),
    auth_check: Type.Unsafe<boolean | 0 | 1>({
      enum: [true, false, 0, 1],
      description: 'drop packets whose source does not pass `check`',
    }),
    keepalive_seconds: Type.Optional(
      Type.Union([Type.Literal(0), Type.Number({ minimum: 0.05, maximum: MAX_TIMEOUT })], {
        description:
          'interval of empty packets of the module to the cluster while a socket carries the registration, so that its machines do not time out this service; default 0: none; in dialect 2.4 none are sent, because machines ping the service',
      }),
    ),
    sync: Type.Optional(
      Type.Boolean({
        description:
          'request all data of the module from a machine, unless the registration is resumed; only in clusters of dialect 2.4, for modules that have a sync; default false',
      }),
    ),
    decode: Type.Optional(
      Type.Boolean({
        description:
          'add `decoded` to each `packet`: the name and the fields of what the module wrote; binary frames stay as they are; default false',
      }),
    ),
    resume: Type.Optional(Resume),
    cluster_id: Type.Integer({
      minimum: 0,
      maximum: LARGEST_ID,
      description: '0: any cluster, only without auth_check',
    }),
  },
  {
    additionalProperties: false,
    description: 'Register for the packets of a module, or resume a registration',
    examples: [{ module: 'ul', protocol: 'bin', timeout: 5, auth_check: true, cluster_id: 1 }],
  },
);
export type RegisterParams = Static<typeof RegisterParams>;

const Resumed = Type.Object({
  resumed: Type.Literal(true),
  missed: Type.Integer({ minimum: 0, description: 'number of notifications that are sent again' }),
});
const NotResumed = Type.Object({
  resumed: Type.Literal(false),
  reason: Choice(
    ['epoch', 'expired', 'overflow', 'unknown', 'mismatch'],
    'why this is a new registration, starting at seq 0',
  ),
  missed: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'number of lost notifications; null when unknown',
  }),
});
export type ResumeOutcome = Static<typeof Resumed> | Static<typeof NotResumed>;
/** Why a registration could not be resumed without loss. */
export type ResumeFailure = Omit<Static<typeof NotResumed>, 'resumed'>;

export const RegisteredMachine = named(
  'RegisteredMachine',
  Type.Object({ machine_id: Id('machine within the cluster'), reception: Reception }),
);

const registered = {
  registration: Type.String({ description: 'secret id; needed, with the same token, to resume' }),
  number: Type.Integer({ minimum: 1, description: 'public number of the registration, used in binary frames' }),
  epoch: Type.String({ description: 'changes when the process restarts' }),
  seq: Type.Integer({ minimum: 0, description: 'the first notification has `seq` + 1' }),
  machines: Type.Array(ref(RegisteredMachine)),
};

const REGISTERED = {
  registration: 'kX0WmZ1cQ3m9y4vO2bN5tA',
  number: 1,
  epoch: 'q3Z9xw',
  seq: 0,
  machines: [{ machine_id: 2, reception: 'receiving' }],
};

export const NewRegistration = named('NewRegistration', Type.Object(registered));
export const ResumedRegistration = named('ResumedRegistration', Type.Object({ ...registered, ...Resumed.properties }));
export const ReplacedRegistration = named(
  'ReplacedRegistration',
  Type.Object({ ...registered, ...NotResumed.properties }),
);

/** The last two only in reply to `resume`. */
export const RegisterAnswer = Type.Union([ref(NewRegistration), ref(ResumedRegistration), ref(ReplacedRegistration)], {
  examples: [REGISTERED],
});
export type RegisterAnswer = Static<typeof RegisterAnswer>;
