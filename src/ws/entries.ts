import type { PacketRun } from '../service/delivery/packet-run.js';
import type { LogEntry, Notice, RegistrationLog } from '../service/delivery/registration-log.js';
import { formatAddress } from '../wire/address.js';
import { notification, notificationOf } from './notifications.js';

interface Text {
  /** The last notification in the message. */
  readonly lastSeq: number;
  readonly text: string;
}

/** The messages for what an entry holds after the log's `sentSeq`. */
export function* textsOf(log: RegistrationLog, entry: LogEntry): Generator<Text> {
  if (entry.type === 'notice') yield { lastSeq: entry.seq, text: noticeText(log, entry) };
  else yield* packetTexts(log, entry);
}

/** Builds the JSON by hand: the packets of a run differ in few fields, and `JSON.stringify` would cost as much as all the rest. */
function* packetTexts({ id, registration, sentSeq }: RegistrationLog, run: PacketRun): Generator<Text> {
  const { clusterId, module } = registration;
  const { protocol, receivedAt } = run;
  const source = formatAddress(run.source.ip, run.source.port);
  const registered = `"registration":${JSON.stringify(id)}`;
  const ofModule = `"module":${JSON.stringify(module)},"protocol":${JSON.stringify(protocol)}`;
  const received = `"source":${JSON.stringify(source)},"received_at":${receivedAt}`;
  for (const { seq, head: packetHead, frame } of run.packetsFrom(Math.max(run.seq, sentSeq + 1))) {
    const { machineId, packetType, version, payloadOffset, payloadEnd } = packetHead;
    const head = `${registered},"seq":${seq},"cluster_id":${clusterId},"machine_id":${machineId},${ofModule}`;
    const kind = `"packet_type":${packetType},"version":${version}`;
    const payload = frame.toString('base64', payloadOffset, payloadEnd);
    yield { lastSeq: seq, text: notificationOf('packet', `{${head},${kind},${received},"payload":"${payload}"}`) };
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
