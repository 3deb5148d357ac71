import fc from 'fast-check';
import type { PacketContent } from '../../src/wire/dialects/dialect.js';
import { V22 } from '../../src/wire/dialects/v22.js';
import { FrameParser } from '../../src/wire/frame.js';
import { PROTOCOLS, parseMachineUrl } from '../../src/wire/machine-url.js';
import { capturedPackets } from '../fixtures/captures.js';
import { frameParser, framesOf, headOf } from '../support/peers/runs.js';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const parts = fc.record({
  module: fc.string({ unit: 'grapheme', maxLength: 20 }),
  packetType: int32,
  version: fc.integer({ min: 0, max: 0xffff }),
  machineId: int32,
  payload: fc.uint8Array({ maxLength: 300 }),
});

function encoded(it: PacketContent & { readonly machineId: number }): Buffer {
  const frame = V22.encode(it, { clusterId: 1, machineId: it.machineId, destination: 0 });
  if (frame === 'too_long') throw new Error('a shorter packet was expected');
  return frame;
}

/** Cuts `stream` at these places, in any order and with repeats. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return at.slice(1).map((end, i) => stream.subarray(at[i], end));
}

/** The packets of a stream by module, since only packets of the same module have an order. */
function packetsOf(chunks: readonly Buffer[]): { packets: Map<string, string[]>; fault: string | null } {
  const packets = new Map<string, string[]>();
  const parser = frameParser((frame) => {
    const { module } = headOf(frame);
    packets.set(module, [...(packets.get(module) ?? []), frame.toString('hex')]);
  });
  for (const chunk of chunks) parser.push(chunk);
  return { packets, fault: parser.push(Buffer.alloc(0)) };
}

describe('the wire', () => {
  it('gives the captured packets whatever the chunks', () => {
    const [basic, dialog] = [capturedPackets('22-basic.hex'), capturedPackets('22-dialog.hex')];
    const hex = (packets: readonly Buffer[]) => packets.map((packet) => packet.toString('hex'));
    const packets = new Map(
      Object.entries({ ul: hex(basic.slice(0, 5)), ratelimit: hex(basic.slice(5)), dialog: hex(dialog) }),
    );
    const stream = Buffer.concat([...basic, ...dialog]);
    fc.assert(
      fc.property(fc.array(fc.nat()), (places) => {
        expect(packetsOf(cut(stream, places))).toEqual({ packets, fault: null });
      }),
    );
  });

  it('gives any stream the same packets of each module and the same fault whatever the chunks', () => {
    const frame = parts.map(encoded);
    const noise = fc.uint8Array({ maxLength: 40 }).map((it) => Buffer.from(it));
    const head = fc.uint8Array({ maxLength: 40 }).map((it) => Buffer.concat([Buffer.from('P4CK'), it]));
    const streams = fc.array(fc.oneof({ weight: 4, arbitrary: frame }, noise, head), { maxLength: 8 });
    fc.assert(
      fc.property(streams, fc.array(fc.nat()), (pieces, places) => {
        const stream = Buffer.concat(pieces);
        expect(packetsOf(cut(stream, places))).toEqual(packetsOf([stream]));
      }),
    );
  });

  it('sorts packets of a few modules and machines into runs of one of each, in the order of each module, whatever the chunks', () => {
    const packet = fc.record({ module: fc.constantFrom('ul', 'um', 'dialog'), machineId: fc.constantFrom(2, 3) });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 5 }), (packets, places) => {
        const frames = packets.map((of, packetType) =>
          encoded({ ...of, packetType, version: 1, payload: Buffer.from('p') }),
        );
        const sorted = new Map<string, number[]>();
        const parser = new FrameParser({
          tooShort: () => {},
          run: (run) => {
            const heads = framesOf(run).map((frame) => headOf(frame));
            const { module, machineId } = run.head;
            expect(heads[0]).toEqual(run.head);
            expect(heads.filter((head) => head.module !== module || head.machineId !== machineId)).toEqual([]);
            sorted.set(module, [...(sorted.get(module) ?? []), ...heads.map(({ packetType }) => packetType)]);
          },
        });
        for (const chunk of cut(Buffer.concat(frames), places)) parser.push(chunk);
        for (const [module, types] of sorted)
          expect(types).toEqual(packets.flatMap((of, i) => (of.module === module ? [i] : [])));
        expect([...sorted.values()].flat().length).toBe(packets.length);
      }),
      { numRuns: 300 },
    );
  });

  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(parts, (it) => {
        const frame = encoded(it);
        const { payload, ...content } = it;
        const [payloadOffset, payloadEnd] = [frame.length - payload.length, frame.length];
        const of22 = { dialect: '2.2', clusterId: null, destination: null };
        expect(headOf(frame)).toEqual({ ...content, ...of22, payloadOffset, payloadEnd });
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
        frameParser((it) => headOf(it)).push(frame);
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
