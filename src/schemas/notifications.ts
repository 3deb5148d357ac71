import { CHANGES } from './changes.js';
import { Choice, Id, named, OrNull, ref } from './common.js';
import { type Static, Type } from './typebox.js';
import { LARGEST_ID } from './values.js';

/** `SyncFailure` of `domain/reception.ts`. */
const SYNC_FAILURES = [
  'no_donor',
  'donor_silent',
  'donor_lost',
  'wrong_count',
  'unreadable',
  'too_many_waiting',
  'stopped',
] as const;

/** Part of every notification of a registration. */
const position = {
  registration: Type.String({ description: 'id from the result of register_module' }),
  seq: Type.Integer({ minimum: 1, description: 'increases by 1 with every notification of the registration' }),
  cluster_id: Type.Integer({ minimum: 0, description: 'cluster of the registration; 0: any cluster' }),
};
const OF_MACHINE = { registration: 'kX0WmZ1cQ3m9y4vO2bN5tA', seq: 7, cluster_id: 1, machine_id: 2 };
const ofMachine = { ...position, machine_id: Id('machine within the cluster') };

/** The notifications of a registration: parameters by method. */
export const REGISTRATION_NOTIFICATIONS = {
  packet: Type.Object(
    {
      ...position,
      cluster_id: Type.Integer({
        minimum: 0,
        description: 'cluster of the packet in dialect 2.4, otherwise of the registration; 0: any cluster',
      }),
      machine_id: Type.Integer({ description: 'who made the packet; without auth_check it may be unknown' }),
      dialect: Choice(['2.2', '2.4'], '2.4: OpenSIPS 2.4 to 4.0'),
      module: Type.String({ description: 'the capability in dialect 2.4' }),
      protocol: Type.String(),
      packet_type: Type.Integer({ minimum: -(2 ** 31), maximum: LARGEST_ID }),
      version: Type.Integer({ minimum: 0, maximum: 65_535 }),
      source: Type.String({
        description:
          'ip:port or [ip6]:port from which the packet arrived, which is another machine if that forwarded it; in a sync: those of the url of the machine that sends it',
      }),
      received_at: Type.Integer({ description: 'when it arrived, in unix milliseconds' }),
      payload: Type.Optional(
        Type.String({
          contentEncoding: 'base64',
          description:
            "the module's part of the packet; left out only for a registration with decode, if fields are redacted",
        }),
      ),
      decoded: Type.Optional(
        OrNull(
          Type.Object(
            {
              name: Type.String({ description: 'of the packet, such as contact_insert' }),
              fields: Type.Record(Type.String(), Type.Unknown(), { description: 'as GET /layouts lists them' }),
            },
            { description: 'the payload, for a registration with decode; null if it could not be decoded' },
          ),
        ),
      ),
      decode_fault: Type.Optional(
        Type.String({
          description: 'why decoded is null: what does not fit, at which byte; or that there is no layout',
        }),
      ),
      sync: Type.Optional(
        Type.Literal(true, {
          description: 'part of a sync: data that the machine has, not a change that happened now',
        }),
      ),
    },
    {
      description: 'A packet arrived',
      examples: [
        {
          ...OF_MACHINE,
          dialect: '2.2',
          module: 'ul',
          protocol: 'bin',
          packet_type: 3,
          version: 1,
          source: '127.0.0.2:41234',
          received_at: 1795900077799,
          payload: 'aGVsbG8=',
        },
      ],
    },
  ),
  timeout: Type.Object(
    { ...ofMachine, silent_for: Type.Number({ minimum: 0, description: 'seconds since its last packet' }) },
    {
      description: 'The machine was silent for longer than `timeout`; its reception is disabled for twice as long',
      examples: [{ ...OF_MACHINE, silent_for: 5.001 }],
    },
  ),
  temp_disabled: Type.Object(
    {
      ...ofMachine,
      dropped: Type.Integer({ minimum: 1, description: 'packets dropped in this period, including this one' }),
      seconds_until_enabling: Type.Integer({ minimum: 0, description: 'remaining seconds of the period' }),
    },
    {
      description: 'A packet was dropped: the reception of its machine is disabled for this registration',
      examples: [{ ...OF_MACHINE, dropped: 1, seconds_until_enabling: 7 }],
    },
  ),
  up: Type.Object(ofMachine, { description: 'The disabled period of the machine has ended', examples: [OF_MACHINE] }),
  sync_started: Type.Object(ofMachine, {
    description:
      'All data of the module was requested from the machine. Packets with `sync` follow, and live ones wait for `sync_ended`. It is sent again if the machine fails and another one takes its place',
    examples: [OF_MACHINE],
  }),
  sync_ended: Type.Object(
    {
      ...position,
      machine_id: OrNull(Id('who sent the last part; null if no machine was found')),
      packets: Type.Integer({ minimum: 0, description: 'packets with `sync` since the first `sync_started`' }),
      complete: Type.Boolean({ description: 'whether these packets are all that the machine holds' }),
      reason: Type.Optional(Choice(SYNC_FAILURES, 'why it is not complete')),
    },
    {
      description: 'The sync has ended; live packets that waited follow',
      examples: [{ ...OF_MACHINE, packets: 120, complete: true }],
    },
  ),
} as const;

const LIMITS = {
  frame_bytes: 1_048_576,
  queue_bytes: 16_777_216,
  registrations: 256,
  messages_per_second: 10_000,
  pong_seconds: 10,
  replay_seconds: 30,
  replay_bytes: 33_554_432,
};

export const SocketLimits = named(
  'SocketLimits',
  Type.Object({
    frame_bytes: Type.Integer({ description: 'maximum size of a message from the client' }),
    queue_bytes: Type.Integer({ description: 'maximum bytes that may wait for this socket' }),
    registrations: Type.Integer({ description: 'maximum registrations of this socket' }),
    messages_per_second: Type.Integer({ description: 'maximum rate of messages from the client' }),
    pong_seconds: Type.Integer({ description: 'maximum time until a pong' }),
    replay_seconds: Type.Integer({ description: 'how long a registration survives without its socket' }),
    replay_bytes: Type.Integer({ description: 'maximum bytes that a registration keeps for a resume' }),
  }),
);

/** The notifications about the socket itself: parameters by method. */
export const SESSION_NOTIFICATIONS = {
  welcome: Type.Object(
    {
      server_id: Type.Integer({ minimum: 0, description: "the service's own machine id; 0: observer" }),
      version: Type.String({ description: 'version of the service' }),
      epoch: Type.String({ description: 'random; changes when the process restarts' }),
      heartbeat_seconds: Type.Integer({ minimum: 1, description: 'interval of pings from the service' }),
      limits: ref(SocketLimits),
    },
    {
      description: 'First frame of a socket',
      examples: [{ server_id: 0, version: '1.0.0', epoch: 'q3Z9xw', heartbeat_seconds: 25, limits: LIMITS }],
    },
  ),
  going_away: Type.Object(
    {
      reconnect_after_ms: Type.Integer({ minimum: 0, description: 'when to reconnect; varies between clients' }),
    },
    { description: 'Last frame of a socket: the service is stopping', examples: [{ reconnect_after_ms: 1500 }] },
  ),
} as const;

/** All notifications of a socket: parameters by method. */
export const NOTIFICATIONS = { ...SESSION_NOTIFICATIONS, ...REGISTRATION_NOTIFICATIONS, ...CHANGES } as const;
export type NotificationName = keyof typeof NOTIFICATIONS;
export type Notifications = { readonly [M in NotificationName]: Static<(typeof NOTIFICATIONS)[M]> };
