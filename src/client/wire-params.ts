import type { SocketParams } from '../schemas/socket.js';
import { toBase64 } from '../wire/base64.js';
import type {
  MessageRequest,
  MiRequest,
  ModuleParams,
  PacketByName,
  PacketBytes,
  PacketParams,
  TagRequest,
} from './params.js';
import type { ModuleRequest } from './streams/registration.js';

/** The parameters of calls as the service names them. What the caller leaves out is left out. */

export function registerParams(params: ModuleParams): ModuleRequest {
  const { module, timeout, authCheck, clusterId, keepalive, sync, decode, protocol = 'bin' } = params;
  return {
    module,
    protocol,
    timeout,
    auth_check: authCheck,
    cluster_id: clusterId,
    ...(keepalive !== undefined && { keepalive_seconds: keepalive }),
    ...(sync !== undefined && { sync }),
    ...(decode !== undefined && { decode }),
  };
}

export function sendToParams(params: PacketParams): SocketParams['send_to'] {
  const { clusterId, module, version, machineId } = params;
  return {
    cluster_id: clusterId,
    module,
    ...contentOf(params),
    ...(version !== undefined && { version }),
    ...protocolOf(params),
    ...(machineId !== undefined && { machine_id: machineId }),
  };
}

export function runMiParams({ clusterId, command, params, machineId }: MiRequest): SocketParams['run_mi'] {
  return {
    cluster_id: clusterId,
    command,
    ...(params !== undefined && { params: [...params] }),
    ...(machineId !== undefined && { machine_id: machineId }),
  };
}

export function sendMessageParams({ clusterId, machineId, ...body }: MessageRequest): SocketParams['send_message'] {
  return { cluster_id: clusterId, ...(machineId !== undefined && { machine_id: machineId }), ...body };
}

export function setTagParams({ clusterId, tag, owner, failover, afterSeconds }: TagRequest): SocketParams['set_tag'] {
  return {
    cluster_id: clusterId,
    tag,
    owner,
    ...(failover !== undefined && { failover: [...failover] }),
    ...(afterSeconds !== undefined && { after_seconds: afterSeconds }),
  };
}

export function protocolOf({ protocol }: { readonly protocol?: string }): { readonly protocol?: string } {
  return protocol === undefined ? {} : { protocol };
}

function contentOf(packet: PacketBytes | PacketByName): object {
  if ('name' in packet) return { name: packet.name, fields: packet.fields };
  const { packetType, payload } = packet;
  return { packet_type: packetType, ...(payload !== undefined && { payload: toBase64(payload) }) };
}
