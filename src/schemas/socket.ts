import { type Static, Type } from 'typebox';
import { CheckQuery } from './cluster.js';
import { Id, LARGEST_ID, ProtocolName } from './common.js';
import { NodeFilter, SetState } from './machine.js';
import { PacketBody } from './packet.js';

/** Longest time-out a registration may ask for, in seconds. */
const LONGEST_TIMEOUT = 2_147_483;

const WatchParams = Type.Object(
  { cluster_id: Type.Optional(Id('cluster; all of them unless named')) },
  { additionalProperties: false },
);

/** Parameters of the requests on a socket (contract, section 5), by method. */
export const SOCKET_PARAMS = {
  register_module: Type.Object(
    {
      module: Type.String({ minLength: 1, maxLength: 255 }),
      protocol: ProtocolName,
      timeout: Type.Union([Type.Literal(0), Type.Number({ minimum: 0.05, maximum: LONGEST_TIMEOUT })], {
        description: 'seconds of silence after which a machine is disabled for this registration; 0: watch nothing',
      }),
      auth_check: Type.Unsafe<boolean | 0 | 1>({ enum: [true, false, 0, 1] }),
      resume: Type.Optional(
        Type.Object({
          registration: Type.String(),
          epoch: Type.String(),
          seq: Type.Integer({ minimum: 0, description: 'the last one received' }),
        }),
      ),
      cluster_id: Type.Integer({
        minimum: 0,
        maximum: LARGEST_ID,
        description: '0: any cluster, without auth_check only',
      }),
    },
    { additionalProperties: false },
  ),
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

export type RegisterParams = Static<typeof SOCKET_PARAMS.register_module>;
