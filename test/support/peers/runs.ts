import type { PacketContent, PacketHead, PacketRoute } from '../../../src/wire/dialects/dialect.js';
import { V22 } from '../../../src/wire/dialects/v22.js';
import { v24 } from '../../../src/wire/dialects/v24.js';
import { FrameParser } from '../../../src/wire/frame.js';
import type { FrameRun, ReceivedRun } from '../../../src/wire/frame-run.js';
import { separated } from './separated.js';

/** Where packets of a test come from. Runs of one connection share one object. */
export const SOURCE = { ip: '127.0.0.2', port: 1 };

/** The head of a whole packet, by default of dialect 2.2. @throws Error for a frame without one */
export function headOf(frame: Buffer, dialect = V22): PacketHead {
  const head = dialect.decode(frame);
  if (head === 'too_short') throw new Error('a whole packet was expected');
  return head;
}

/** A run of `count` packets of dialect 2.2, which fill these bytes. */
export function receivedRun(read: Buffer, { count = 1, source = SOURCE } = {}): ReceivedRun {
  return { ...runOfBytes(read, headOf(read)), count, source };
}

/** A run for tests that only count or copy bytes, whatever they are. */
export function runOfBytes(read: Buffer, head = HEAD): ReceivedRun {
  return { dialect: V22, head, count: 1, pieces: [read], protocol: 'bin', source: SOURCE, connection: 1, url: null };
}

/** A run of one packet of a fleet: by default of machine 2 of cluster 1 to this service, machine 9. */
export function fleetRun(given: FleetPacket = {}): ReceivedRun {
  const {
    clusterId = 1,
    machineId = 2,
    destination = 9,
    ip = `10.0.${clusterId}.${machineId}`,
    protocol = 'bin',
  } = given;
  const { module = 'usrloc-contact-repl', packetType = 2, version = 3, payload = Buffer.from('payload') } = given;
  const frame = v24.encode({ module, packetType, version, payload }, { clusterId, machineId, destination });
  const head = frame === 'too_long' ? 'too_short' : v24.decode(frame);
  if (frame === 'too_long' || head === 'too_short') throw new Error('a packet was expected');
  return { ...runOfBytes(frame, head), dialect: v24, protocol, source: { ip, port: 40_000 } };
}

type FleetPacket = Partial<PacketContent & PacketRoute> & { readonly ip?: string; readonly protocol?: string };

/** The packets of a run, copied. */
export function framesOf(run: FrameRun): Buffer[] {
  return separated(Buffer.concat(run.pieces), run.count);
}

/** A parser that calls `onFrame` with each packet. */
export function frameParser(onFrame: (frame: Buffer) => void): FrameParser {
  const run = (frames: FrameRun) => {
    for (const frame of framesOf(frames)) onFrame(frame);
  };
  return new FrameParser({ run, tooShort: () => {} });
}

const HEAD: PacketHead = {
  dialect: '2.2',
  clusterId: null,
  module: 'ul',
  packetType: 1,
  version: 1,
  machineId: 2,
  destination: null,
  payloadOffset: 26,
  payloadEnd: 26,
};
