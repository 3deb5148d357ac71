import { type Static, type TSchema, Type } from 'typebox';
import { Snapshot } from './changes.js';
import { CheckAnswer, CheckQuery, IdAnswer } from './cluster.js';
import { Id, ProtocolName } from './common.js';
import { MachineList, MachineView, NodeFilter, SetState, UpMachineList } from './machine.js';
import { PacketBody, SendAnswer } from './packet.js';
import { RegisterAnswer, RegisterParams } from './registration.js';

const WatchParams = Type.Object(
  { cluster_id: Type.Optional(Id('cluster; all of them unless named')) },
  { additionalProperties: false },
);

/** Parameters of the requests on a socket (contract, section 5), by method. */
export const SOCKET_PARAMS = {
  register_module: RegisterParams,
  unregister_module: Type.Object({ registration: Type.String() }, { additionalProperties: false }),
  send_to: Type.Object({ cluster_id: Id('cluster'), ...PacketBody.properties }, { additionalProperties: false }),
  get_nodes: Type.Object(
    { cluster_id: Id('cluster'), protocol: Type.Optional(ProtocolName) },
    { additionalProperties: false },
  ),
  set_state: Type.Object(
    {
      cluster_id: Id('cluster'),
      machine_id: Id('machine within the cluster'),
      state: SetState,
      protocol: Type.Optional(ProtocolName),
    },
    { additionalProperties: false },
  ),
  check: Type.Object({ cluster_id: Id('cluster'), ...CheckQuery.properties }, { additionalProperties: false }),
  list_nodes: Type.Partial(NodeFilter, { additionalProperties: false }),
  watch: WatchParams,
  unwatch: WatchParams,
  get_my_id: Type.Object({}, { additionalProperties: false }),
  ping: Type.Object({}, { additionalProperties: false }),
} as const;

export type SocketMethod = keyof typeof SOCKET_PARAMS;
export type SocketParams = { readonly [M in SocketMethod]: Static<(typeof SOCKET_PARAMS)[M]> };

const Done = Type.Object({}, { description: 'it is done' });

/** What each of them is answered. */
export const SOCKET_ANSWERS = {
  register_module: RegisterAnswer,
  unregister_module: Done,
  send_to: SendAnswer,
  get_nodes: UpMachineList,
  set_state: MachineView,
  check: CheckAnswer,
  list_nodes: MachineList,
  watch: Snapshot,
  unwatch: Done,
  get_my_id: IdAnswer,
  ping: Type.Literal('pong'),
} as const satisfies Record<SocketMethod, TSchema>;
export type SocketAnswers = { readonly [M in SocketMethod]: Static<(typeof SOCKET_ANSWERS)[M]> };
