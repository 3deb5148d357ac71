import type { PacketDecoder } from '../service/delivery/packet-decoder.js';
import type { PacketRun } from '../service/delivery/packet-run.js';
import type { LogEntry, Notice, RegistrationLog } from '../service/delivery/registration-log.js';
import { formatAddress } from '../wire/address.js';
import { capabilityOf } from '../wire/cluster/capability-of.js';
import { notification, notificationOf } from './notifications.js';

interface Text {
  /** The last notification in the message. */
  readonly lastSeq: number;
  readonly text: string;
}

/** The messages for what an entry holds after the log's `sentSeq`. */
export function* textsOf(log: RegistrationLog, entry: LogEntry, decoder: PacketDecoder): Generator<Text> {
  if (entry.type === 'notice') yield { lastSeq: entry.seq, text: noticeText(log, entry) };
  else yield* packetTexts(log, entry, decoder);
}

/** Builds the JSON by hand: the packets of a run differ in few fields, and `JSON.stringify` would cost as much as all the rest. */
function* packetTexts(
  { id, registration, sentSeq }: RegistrationLog,
  run: PacketRun,
  decoder: PacketDecoder,
): Generator<Text> {
  const { protocol, receivedAt, isSync } = run;
  const dialect = run.dialect.id;
  const module = dialect === '2.4' ? capabilityOf(registration.module) : registration.module;
  const source = formatAddress(run.source.ip, run.source.port);
  const registered = `"registration":${JSON.stringify(id)}`;
  const ofModule = `"dialect":"${dialect}","module":${JSON.stringify(module)},"protocol":${JSON.stringify(protocol)}`;
  const received = `"source":${JSON.stringify(source)},"received_at":${receivedAt}${isSync ? ',"sync":true' : ''}`;
  const isShared = registration.decode && decoder.isShared(registration.module);
  const hasPayload = !(registration.decode && decoder.isRedacting);
  for (const { seq, head: packetHead, frame } of run.packetsFrom(Math.max(run.seq, sentSeq + 1))) {
    const { machineId, packetType, version, payloadOffset, payloadEnd } = packetHead;
    const clusterId = packetHead.clusterId ?? registration.clusterId;
    const head = `${registered},"seq":${seq},"cluster_id":${clusterId},"machine_id":${machineId},${ofModule}`;
    const kind = `"packet_type":${packetType},"version":${version}`;
    let payload = hasPayload ? `,"payload":"${frame.toString('base64', payloadOffset, payloadEnd)}"` : '';
    if (registration.decode) {
      const bytes = frame.subarray(payloadOffset, payloadEnd);
      payload += `,${decoder.membersOf({ dialect, module, clusterId, head: packetHead, payload: bytes, isShared })}`;
    }
    yield { lastSeq: seq, text: notificationOf('packet', `{${head},${kind},${received}${payload}}`) };
  }
}

function noticeText({ id, registration }: RegistrationLog, { seq, notice }: Notice): string {
  const head = { registration: id, seq, cluster_id: registration.clusterId };
  const { type } = notice;
  if (type === 'sync_ended') {
    const { machineId: machine_id, packets, reason } = notice;
    const failure = reason === null ? { complete: true } : { complete: false, reason };
    return notification(type, { ...head, machine_id, packets, ...failure });
  }
  const ofMachine = { ...head, machine_id: notice.machineId };
  switch (type) {
    case 'timeout':
      return notification(type, { ...ofMachine, silent_for: notice.silentForMs / 1000 });
    case 'temp_disabled':
      return notification(type, {
        ...ofMachine,
        dropped: notice.dropped,
        seconds_until_enabling: Math.ceil(notice.remainingMs / 1000),
      });
    case 'up':
    case 'sync_started':
      return notification(type, ofMachine);
  }
}
