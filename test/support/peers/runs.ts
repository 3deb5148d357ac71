import type { PacketHead } from '../../../src/wire/dialects/dialect.js';
import { V22 } from '../../../src/wire/dialects/v22.js';
import { FrameParser } from '../../../src/wire/frame.js';
import { copyRun, copySpan, type FrameRun, type ReceivedRun } from '../../../src/wire/frame-run.js';
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
  const stretches = [0, read.length];
  const run = { dialect: V22, head, count: 1, byteLength: read.length, read, stretches };
  return { ...run, protocol: 'bin', source: SOURCE, connection: 1, url: null };
}

/** The packets of a run, copied. */
export function framesOf(run: FrameRun): Buffer[] {
  const bytes = Buffer.alloc(copySpan(run));
  copyRun(run, bytes, 0);
  return separated(bytes.subarray(0, run.byteLength), run.count);
}

/** A parser that calls `onFrame` with each packet. */
export function frameParser(onFrame: (frame: Buffer) => void): FrameParser {
  return new FrameParser({ run: (run) => framesOf(run).forEach(onFrame), tooShort: () => {} });
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
