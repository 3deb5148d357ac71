import type { LogEntry, RegistrationLog } from '../service/registration-log.js';
import { formatAddress } from '../wire/address.js';

/** A notification of JSON-RPC 2.0, as text. */
export function notification(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

/** What a registration is told, in the outside's names (contract, section 5). */
export function registrationNotification(
  { id, registration }: RegistrationLog,
  { seq, notification: told }: LogEntry,
): string {
  const head = { registration: id, seq, cluster_id: registration.clusterId };
  switch (told.type) {
    case 'packet': {
      const { packet, receivedAt } = told;
      return notification('packet', {
        ...head,
        machine_id: packet.machineId,
        module: packet.module,
        protocol: packet.protocol,
        packet_type: packet.packetType,
        version: packet.version,
        source: formatAddress(packet.source.ip, packet.source.port),
        received_at: receivedAt,
        payload: packet.frame.toString('base64', packet.payloadOffset),
      });
    }
    case 'timeout':
      return notification('timeout', { ...head, machine_id: told.machineId, silent_for: told.silentForMs / 1000 });
    case 'temp_disabled':
      return notification('temp_disabled', {
        ...head,
        machine_id: told.machineId,
        dropped: told.dropped,
        seconds_until_enabling: Math.ceil(told.remainingMs / 1000),
      });
    case 'up':
      return notification('up', { ...head, machine_id: told.machineId });
  }
}
