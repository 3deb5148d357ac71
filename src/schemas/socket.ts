import { type Static, type TSchema, Type } from 'typebox';
import type { ROLES } from './caller.js';
import { Snapshot } from './changes.js';
import { CheckAnswer, CheckQuery, IdAnswer } from './cluster.js';
import { Id, ProtocolName } from './common.js';
import { MachineList, MachineView, NodeFilter, SetState, UpMachineList } from './machine.js';
import { PacketBody, SendAnswer } from './packet.js';
import { RegisterAnswer, RegisterParams } from './registration.js';
import { TagBody, TagList, TagParams, TagView } from './tags.js';

const watched = { cluster_id: Type.Optional(Id('only this cluster; by default all')) };

/** The requests of a socket: parameters by method. */
export const SOCKET_PARAMS = {
  register_module: RegisterParams,
  unregister_module: Type.Object(
    { registration: Type.String() },
    { additionalProperties: false, description: 'End a registration of this socket' },
  ),
  resync: Type.Object(
    { registration: Type.String() },
    { additionalProperties: false, description: 'Ask a machine again for all that it holds of the module' },
  ),
  send_to: Type.Object(
    { cluster_id: Id('cluster'), ...PacketBody.properties },
    { additionalProperties: false, description: 'Send a packet to all machines of the cluster that are up, or to one' },
  ),
  get_nodes: Type.Object(
    { cluster_id: Id('cluster'), protocol: Type.Optional(ProtocolName) },
    { additionalProperties: false, description: 'List the machines of the cluster that are up' },
  ),
  set_state: Type.Object(
    {
      cluster_id: Id('cluster'),
      machine_id: Id('machine within the cluster'),
      state: SetState,
      protocol: Type.Optional(ProtocolName),
    },
    {
      additionalProperties: false,
      description:
        'Set a machine up or down, or count one failed attempt. Without persistent mode a reload can undo it; a drain (REST) survives.',
    },
  ),
  check: Type.Object(
    { cluster_id: Id('cluster'), ...CheckQuery.properties },
    { additionalProperties: false, description: 'Check that a machine of the cluster has this IP, id and protocol' },
  ),
  list_nodes: Type.Object(NodeFilter.properties, {
    additionalProperties: false,
    description: 'List machines, page by page',
  }),
  list_tags: Type.Object(
    { cluster_id: Id('cluster') },
    { additionalProperties: false, description: 'List the sharing tags of a cluster, and who is active for each' },
  ),
  set_tag: Type.Object(
    { ...TagParams.properties, ...TagBody.properties },
    {
      additionalProperties: false,
      description: 'Give a sharing tag to a machine, keep it there, and wait until the machine announces it',
    },
  ),
  release_tag: Type.Object(TagParams.properties, {
    additionalProperties: false,
    description: 'Manage a sharing tag no longer; nothing is sent',
  }),
  watch: Type.Object(watched, {
    additionalProperties: false,
    description: 'Stream all changes, after a snapshot',
  }),
  unwatch: Type.Object(watched, { additionalProperties: false, description: 'End the stream of `watch`' }),
  get_my_id: Type.Object({}, { additionalProperties: false, description: "Show the service's own machine id" }),
  ping: Type.Object(
    {},
    { additionalProperties: false, description: 'Check the connection, for clients that cannot send control frames' },
  ),
} as const;

export type SocketMethod = keyof typeof SOCKET_PARAMS;
export const SOCKET_METHODS = Object.keys(SOCKET_PARAMS) as SocketMethod[];
export type SocketParams = { readonly [M in SocketMethod]: Static<(typeof SOCKET_PARAMS)[M]> };

const Done = Type.Object({}, { description: 'success' });

/** The role that each request requires. */
export const SOCKET_ROLES = {
  register_module: 'module',
  unregister_module: 'module',
  resync: 'module',
  send_to: 'module',
  get_nodes: 'read',
  set_state: 'module',
  check: 'read',
  list_nodes: 'read',
  list_tags: 'read',
  set_tag: 'operate',
  release_tag: 'operate',
  watch: 'read',
  unwatch: 'read',
  get_my_id: 'read',
  ping: 'read',
} as const satisfies Record<SocketMethod, (typeof ROLES)[number]>;

/** The result of each request. */
export const SOCKET_ANSWERS = {
  register_module: RegisterAnswer,
  unregister_module: Done,
  resync: Type.Object({ started: Type.Literal(true) }, { description: '`sync_started` or `sync_ended` follows' }),
  send_to: SendAnswer,
  get_nodes: UpMachineList,
  set_state: MachineView,
  check: CheckAnswer,
  list_nodes: MachineList,
  list_tags: TagList,
  set_tag: TagView,
  release_tag: Done,
  watch: Snapshot,
  unwatch: Done,
  get_my_id: IdAnswer,
  ping: Type.Literal('pong'),
} as const satisfies Record<SocketMethod, TSchema>;
export type SocketAnswers = { readonly [M in SocketMethod]: Static<(typeof SOCKET_ANSWERS)[M]> };
