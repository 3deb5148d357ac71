import type { PacketRun } from '../service/packet-run.js';
import type { LogEntry, Notice, RegistrationLog } from '../service/registration-log.js';
import { formatAddress } from '../wire/address.js';
import { packetFrameHeader } from './binary.js';
import { notification } from './notifications.js';

/** Sends one message, or with `more` the part of one that goes on. */
export type Write = (data: string | Buffer, more?: boolean) => void;

/** Writes what a registration is told behind its `sentSeq`, in the outside's names (contract, section 5). */
export function writeEntry(log: RegistrationLog, entry: LogEntry, binary: boolean, write: Write): void {
  if (entry.type === 'notice') write(noticeText(log, entry));
  else if (binary) writeFrames(log, entry, write);
  else writeTexts(log, entry, write);
}

/** The frames themselves are not copied: header and packets are two parts of one message. */
function writeFrames({ registration, sentSeq }: RegistrationLog, run: PacketRun, write: Write): void {
  const seq = Math.max(run.seq, sentSeq + 1);
  write(packetFrameHeader(run.lastSeq - seq + 1, registration.number, seq), true);
  write(run.framesFrom(seq));
}

function writeTexts({ id, registration, sentSeq }: RegistrationLog, run: PacketRun, write: Write): void {
  const source = formatAddress(run.source.ip, run.source.port);
  for (const { seq, packet } of run.packetsFrom(Math.max(run.seq, sentSeq + 1))) {
    write(
      notification('packet', {
        registration: id,
        seq,
        cluster_id: registration.clusterId,
        machine_id: packet.machineId,
        module: packet.module,
        protocol: run.protocol,
        packet_type: packet.packetType,
        version: packet.version,
        source,
        received_at: run.receivedAt,
        payload: packet.frame.toString('base64', packet.payloadOffset),
      }),
    );
  }
}

function noticeText({ id, registration }: RegistrationLog, { seq, notice }: Notice): string {
  const { type, machineId } = notice;
  const head = { registration: id, seq, cluster_id: registration.clusterId, machine_id: machineId };
  switch (type) {
    case 'timeout':
      return notification(type, { ...head, silent_for: notice.silentForMs / 1000 });
    case 'temp_disabled':
      return notification(type, {
        ...head,
        dropped: notice.dropped,
        seconds_until_enabling: Math.ceil(notice.remainingMs / 1000),
      });
    case 'up':
      return notification(type, head);
  }
}
