import type { PacketRun } from '../service/packet-run.js';
import type { LogEntry, Notice, RegistrationLog } from '../service/registration-log.js';
import { formatAddress } from '../wire/address.js';
import { packetFrameHeader } from './binary.js';
import { notification, notificationOf } from './notifications.js';

/** A text, or the parts of a binary message, which are sent without joining them. */
export type Message = string | readonly Buffer[];

interface Told {
  /** The last notification that the message holds. */
  readonly lastSeq: number;
  readonly message: Message;
}

/** What a registration is told by an entry behind its `sentSeq`, in the outside's names (contract, section 5). */
export function* messagesOf(log: RegistrationLog, entry: LogEntry, binary: boolean): Generator<Told> {
  if (entry.type === 'notice') yield { lastSeq: entry.seq, message: noticeText(log, entry) };
  else if (binary) yield packetFrames(log, entry);
  else yield* packetTexts(log, entry);
}

/** The frames themselves are not copied. */
function packetFrames({ registration, sentSeq }: RegistrationLog, run: PacketRun): Told {
  const { lastSeq } = run;
  const seq = Math.max(run.seq, sentSeq + 1);
  const header = packetFrameHeader(lastSeq - seq + 1, registration.number, seq);
  return { lastSeq, message: [header, run.framesFrom(seq)] };
}

/** Written by hand: the packets of a run differ in few fields, and JSON of a whole object costs as much as all else. */
function* packetTexts({ id, registration, sentSeq }: RegistrationLog, run: PacketRun): Generator<Told> {
  const { clusterId, module } = registration;
  const { protocol, receivedAt } = run;
  const source = formatAddress(run.source.ip, run.source.port);
  const registered = `"registration":${JSON.stringify(id)}`;
  const ofModule = `"module":${JSON.stringify(module)},"protocol":${JSON.stringify(protocol)}`;
  const received = `"source":${JSON.stringify(source)},"received_at":${receivedAt}`;
  for (const { seq, packet } of run.packetsFrom(Math.max(run.seq, sentSeq + 1))) {
    const { machineId, packetType, version, frame, payloadOffset } = packet;
    const told = `${registered},"seq":${seq},"cluster_id":${clusterId},"machine_id":${machineId},${ofModule}`;
    const kind = `"packet_type":${packetType},"version":${version}`;
    const payload = frame.toString('base64', payloadOffset);
    yield { lastSeq: seq, message: notificationOf('packet', `{${told},${kind},${received},"payload":"${payload}"}`) };
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
