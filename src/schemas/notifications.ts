import { type Static, Type } from 'typebox';
import { CHANGES } from './changes.js';
import { Id, LARGEST_ID } from './common.js';

/** Where a notification of a registration stands. */
const told = {
  registration: Type.String({ description: 'as the answer of register_module named it' }),
  seq: Type.Integer({ minimum: 1, description: 'rises by exactly 1 within the registration' }),
  cluster_id: Type.Integer({ minimum: 0, description: "the registration's; 0: any cluster" }),
};
const ofMachine = { ...told, machine_id: Id('machine within the cluster') };

/** What a registration is told, by method: the parameters of the notification. */
export const REGISTRATION_NOTIFICATIONS = {
  packet: Type.Object(
    {
      ...told,
      machine_id: Type.Integer({ description: 'as the packet says; without auth_check of unknown machines too' }),
      module: Type.String(),
      protocol: Type.String(),
      packet_type: Type.Integer({ minimum: -(2 ** 31), maximum: LARGEST_ID }),
      version: Type.Integer({ minimum: 0, maximum: 65_535 }),
      source: Type.String({ description: 'ip:port or [ip6]:port' }),
      received_at: Type.Integer({ description: 'unix milliseconds' }),
      payload: Type.String({ contentEncoding: 'base64', description: 'what follows the machine id in the packet' }),
    },
    { description: 'A packet has come' },
  ),
  timeout: Type.Object(
    { ...ofMachine, silent_for: Type.Number({ minimum: 0, description: 'seconds' }) },
    { description: 'Nothing came from the machine for longer than `timeout`: it is disabled for twice as long' },
  ),
  temp_disabled: Type.Object(
    {
      ...ofMachine,
      dropped: Type.Integer({ minimum: 1, description: 'packets of this period, this one included' }),
      seconds_until_enabling: Type.Integer({ minimum: 0, description: 'what remains of the period' }),
    },
    { description: 'A packet came from a machine that is disabled for this registration; it was dropped' },
  ),
  up: Type.Object(ofMachine, { description: 'The disabled period of the machine is over' }),
} as const;

/** What concerns the socket itself, by method. */
export const SESSION_NOTIFICATIONS = {
  welcome: Type.Object(
    {
      server_id: Type.Integer({ minimum: 0, description: "this service's machine id; 0: an observer" }),
      version: Type.String({ description: 'of the service' }),
      epoch: Type.String({ description: 'random, of this start of the process' }),
      heartbeat_seconds: Type.Integer({ minimum: 1, description: 'how often the service pings' }),
      limits: Type.Object({
        frame_bytes: Type.Integer({ description: 'longest message of a client' }),
        queue_bytes: Type.Integer({ description: 'what may wait for this socket' }),
        registrations: Type.Integer({ description: 'that this socket may carry' }),
        messages_per_second: Type.Integer({ description: 'that a client may send' }),
        pong_seconds: Type.Integer({ description: 'that an answer to a ping may take' }),
        replay_seconds: Type.Integer({ description: 'that a registration lives on without its socket' }),
        replay_bytes: Type.Integer({ description: 'that a registration keeps for a resume' }),
      }),
    },
    { description: 'The first frame' },
  ),
  going_away: Type.Object(
    {
      reconnect_after_ms: Type.Integer({ minimum: 0, description: 'when to come back; not the same for every client' }),
    },
    { description: 'The last frame: the service stops' },
  ),
} as const;

/** Every notification of a socket by method, with its parameters. */
export const NOTIFICATIONS = { ...SESSION_NOTIFICATIONS, ...REGISTRATION_NOTIFICATIONS, ...CHANGES } as const;
export type NotificationName = keyof typeof NOTIFICATIONS;
export type Notifications = { readonly [M in NotificationName]: Static<(typeof NOTIFICATIONS)[M]> };
