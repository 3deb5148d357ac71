import fc from 'fast-check';
import { FrameParser } from '../../src/wire/frame.js';
import { PROTOCOLS, parseMachineUrl } from '../../src/wire/machine-url.js';
import { decodePacket, encodePacket } from '../../src/wire/packet.js';
import { capturedPackets } from '../fixtures/captures.js';
import { separated } from '../support/peers/separated.js';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const parts = fc.record({
  module: fc.string({ unit: 'grapheme', maxLength: 20 }),
  packetType: int32,
  version: fc.integer({ min: 0, max: 0xffff }),
  machineId: int32,
  payload: fc.uint8Array({ maxLength: 300 }),
});

/** Cuts `stream` at these places, in any order and with repeats. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return at.slice(1).map((end, i) => stream.subarray(at[i], end));
}

function framesOf(chunks: readonly Buffer[]): { frames: string[]; fault: string | null } {
  const frames: string[] = [];
  const parser = new FrameParser((alike, count) => {
    for (const frame of separated(alike, count)) frames.push(frame.toString('hex'));
  });
  for (const chunk of chunks) parser.push(chunk);
  return { frames, fault: parser.push(Buffer.alloc(0)) };
}

describe('the wire', () => {
  it('gives the captured packets whatever the chunks', () => {
    const packets = [...capturedPackets('22-basic.hex'), ...capturedPackets('22-dialog.hex')];
    const expected = { frames: packets.map((packet) => packet.toString('hex')), fault: null };
    fc.assert(
      fc.property(fc.array(fc.nat()), (places) => {
        expect(framesOf(cut(Buffer.concat(packets), places))).toEqual(expected);
      }),
    );
  });

  it('gives any stream the same frames and the same fault whatever the chunks', () => {
    const frame = parts.map((it) => encodePacket(it) as Buffer);
    const noise = fc.uint8Array({ maxLength: 40 }).map((it) => Buffer.from(it));
    const head = fc.uint8Array({ maxLength: 40 }).map((it) => Buffer.concat([Buffer.from('P4CK'), it]));
    const streams = fc.array(fc.oneof({ weight: 4, arbitrary: frame }, noise, head), { maxLength: 8 });
    fc.assert(
      fc.property(streams, fc.array(fc.nat()), (pieces, places) => {
        const stream = Buffer.concat(pieces);
        expect(framesOf(cut(stream, places))).toEqual(framesOf([stream]));
      }),
    );
  });

  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(parts, (it) => {
        const frame = encodePacket(it) as Buffer;
        const { module, packetType, version, machineId } = it;
        const payloadOffset = frame.length - it.payload.length;
        expect(decodePacket(frame)).toEqual({ module, packetType, version, machineId, frame, payloadOffset });
      }),
    );
  });

  it('decodes any whole frame without throwing', () => {
    const body = fc.uint8Array({ minLength: 18, maxLength: 60 });
    fc.assert(
      fc.property(body, fc.nat(40), (it, nameLength) => {
        const frame = Buffer.concat([Buffer.from('P4CK'), it]);
        frame.writeUInt16LE(frame.length, 4);
        frame.writeInt32LE(nameLength, 12);
        new FrameParser((frames) => decodePacket(frames)).push(frame);
      }),
    );
  });
});

describe('machine urls', () => {
  it('are read or refused, never thrown at', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9:.[\]_-]{0,30}$/));
    fc.assert(
      fc.property(text, (url) => {
        const parsed = parseMachineUrl(url);
        if ('fault' in parsed) return;
        expect(PROTOCOLS).toContain(parsed.protocol);
        expect(parsed.port).toBeGreaterThan(0);
        expect(parsed.port).toBeLessThan(65_536);
        expect(parsed.host).not.toBe('');
      }),
    );
  });
});
