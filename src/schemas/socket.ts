import { Snapshot } from './changes.js';
import { CheckAnswer, CheckQuery, IdAnswer } from './cluster.js';
import { exampleOf, Id, named, ProtocolName, RULE } from './common.js';
import { CapabilityList, TopologyAnswer } from './fleet.js';
import { MessageAnswer, MessageBody, MiBody } from './fleet-calls.js';
import { MachineList, MachineView, NodeFilter, SetState, StateBody, UpMachineList } from './machine.js';
import { PacketBody, SendAnswer } from './packet.js';
import { formFaults } from './packet-form.js';
import { RegisterAnswer, RegisterParams } from './registration.js';
import { TagBody, TagList, TagParams, TagView } from './tags.js';
import { type Static, type TSchema, Type } from './typebox.js';
import type { ROLES } from './values.js';

const watched = { cluster_id: Type.Optional(Id('only this cluster; by default all')) };

/** The requests of a socket: parameters by method. */
export const SOCKET_PARAMS = {
  register_module: RegisterParams,
  unregister_module: Type.Object(
    { registration: Type.String() },
    {
      additionalProperties: false,
      description: 'End a registration of this socket',
      examples: [{ registration: 'kX0WmZ1cQ3m9y4vO2bN5tA' }],
    },
  ),
  resync: Type.Object(
    { registration: Type.String() },
    {
      additionalProperties: false,
      description: 'Ask a machine again for all that it holds of the module',
      examples: [{ registration: 'kX0WmZ1cQ3m9y4vO2bN5tA' }],
    },
  ),
  send_to: Type.Object(
    { cluster_id: Id('cluster'), ...PacketBody.properties },
    {
      [RULE]: formFaults,
      additionalProperties: false,
      description: 'Send a packet to all machines of the cluster that are up, or to one',
      examples: [{ cluster_id: 1, ...Object(exampleOf(PacketBody)) }],
    },
  ),
  get_nodes: Type.Object(
    { cluster_id: Id('cluster'), protocol: Type.Optional(ProtocolName) },
    {
      additionalProperties: false,
      description: 'List the machines of the cluster that are up',
      examples: [{ cluster_id: 1, protocol: 'bin' }],
    },
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
      examples: [{ cluster_id: 1, machine_id: 2, ...Object(exampleOf(StateBody)) }],
    },
  ),
  check: Type.Object(
    { cluster_id: Id('cluster'), ...CheckQuery.properties },
    {
      additionalProperties: false,
      description: 'Check that a machine of the cluster has this IP, id and protocol',
      examples: [{ cluster_id: 1, address: '127.0.0.2', server_id: 2, protocol: 'bin' }],
    },
  ),
  list_nodes: Type.Object(NodeFilter.properties, {
    additionalProperties: false,
    description: 'List machines, page by page',
    examples: [{ cluster_id: 1, state: 'temp_disabled' }],
  }),
  get_topology: Type.Object(
    { cluster_id: Id('cluster') },
    {
      additionalProperties: false,
      description: 'Show which machines of a fleet reach each other',
      examples: [{ cluster_id: 1 }],
    },
  ),
  list_capabilities: Type.Object(
    { cluster_id: Id('cluster') },
    {
      additionalProperties: false,
      description: 'List the capabilities of the machines of a fleet',
      examples: [{ cluster_id: 1 }],
    },
  ),
  run_mi: Type.Object(
    { cluster_id: Id('cluster'), ...MiBody.properties },
    {
      additionalProperties: false,
      description: 'Run an MI command on the machines of a fleet, or on one',
      examples: [{ cluster_id: 1, ...Object(exampleOf(MiBody)) }],
    },
  ),
  send_message: Type.Object(
    { cluster_id: Id('cluster'), ...MessageBody.properties },
    {
      additionalProperties: false,
      description: 'Send a message to the scripts of the machines of a fleet, or of one',
      examples: [{ cluster_id: 1, ...Object(exampleOf(MessageBody)) }],
    },
  ),
  list_tags: Type.Object(
    { cluster_id: Id('cluster') },
    {
      additionalProperties: false,
      description: 'List the sharing tags of a cluster, and who is active for each',
      examples: [{ cluster_id: 1 }],
    },
  ),
  set_tag: Type.Object(
    { ...TagParams.properties, ...TagBody.properties },
    {
      additionalProperties: false,
      description: 'Give a sharing tag to a machine, keep it there, and wait until the machine announces it',
      examples: [{ cluster_id: 1, tag: 'vip', ...Object(exampleOf(TagBody)) }],
    },
  ),
  release_tag: Type.Object(TagParams.properties, {
    additionalProperties: false,
    description: 'Manage a sharing tag no longer; nothing is sent',
    examples: [{ cluster_id: 1, tag: 'vip' }],
  }),
  watch: Type.Object(watched, {
    additionalProperties: false,
    description: 'Stream all changes, after a snapshot',
    examples: [{ cluster_id: 1 }],
  }),
  unwatch: Type.Object(watched, {
    additionalProperties: false,
    description: 'End the stream of `watch`',
    examples: [{ cluster_id: 1 }],
  }),
  get_my_id: Type.Object(
    {},
    { additionalProperties: false, description: "Show the service's own machine id", examples: [{}] },
  ),
  ping: Type.Object(
    {},
    {
      additionalProperties: false,
      description: 'Check the connection, for clients that cannot send control frames',
      examples: [{}],
    },
  ),
} as const;

export type SocketMethod = keyof typeof SOCKET_PARAMS;
export const SOCKET_METHODS = Object.keys(SOCKET_PARAMS) as SocketMethod[];
export type SocketParams = { readonly [M in SocketMethod]: Static<(typeof SOCKET_PARAMS)[M]> };

const Done = named('Done', Type.Object({}, { description: 'success', examples: [{}] }));

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
  get_topology: 'read',
  list_capabilities: 'read',
  run_mi: 'operate',
  send_message: 'operate',
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
  resync: Type.Object(
    { started: Type.Literal(true) },
    { description: '`sync_started` or `sync_ended` follows', examples: [{ started: true }] },
  ),
  send_to: SendAnswer,
  get_nodes: UpMachineList,
  set_state: MachineView,
  check: CheckAnswer,
  list_nodes: MachineList,
  get_topology: TopologyAnswer,
  list_capabilities: CapabilityList,
  run_mi: MessageAnswer,
  send_message: MessageAnswer,
  list_tags: TagList,
  set_tag: TagView,
  release_tag: Done,
  watch: Snapshot,
  unwatch: Done,
  get_my_id: IdAnswer,
  ping: Type.Literal('pong', { examples: ['pong'] }),
} as const satisfies Record<SocketMethod, TSchema>;
export type SocketAnswers = { readonly [M in SocketMethod]: Static<(typeof SOCKET_ANSWERS)[M]> };
