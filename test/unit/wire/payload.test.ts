import fc from 'fast-check';
import { PayloadReader, PayloadWriter } from '../../../src/wire/payload.js';
import { capturedPackets } from '../../fixtures/captures.js';
import { headOf } from '../../support/peers/runs.js';

/** The payloads of a capture, in order. */
function payloadsOf(file: '22-basic.hex' | '22-dialog.hex'): Uint8Array[] {
  return capturedPackets(file).map((frame) => {
    const { payloadOffset, payloadEnd } = headOf(frame);
    return frame.subarray(payloadOffset, payloadEnd);
  });
}

/** A number that OpenSIPS writes as a string of its raw bytes. */
function raw(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return bytes.length === 8 ? Number(view.getBigInt64(0, true)) : view.getInt32(0, true);
}

describe('a payload of OpenSIPS', () => {
  const [insert = new Uint8Array(), contact = new Uint8Array()] = payloadsOf('22-basic.hex');

  it('of an address of record has its domain and its name', () => {
    const payload = new PayloadReader(insert);
    expect([payload.readString(), payload.readString(), payload.remaining]).toEqual(['location', 'alice', 0]);
  });

  it('of a contact is read field by field', () => {
    const payload = new PayloadReader(contact);
    const strings = Array.from({ length: 9 }, () => payload.readString());
    expect(strings).toEqual([
      'location',
      'alice',
      'sip:alice@127.0.0.9:6000',
      'reg-alice-fixed@127.0.0.9',
      'peers-sip.py',
      '',
      '',
      '',
      '',
    ]);
    expect([raw(payload.readBytes()), raw(payload.readBytes())]).toEqual([1795333603, 700]);
    expect(payload.readString()).toBe('udp:127.0.0.1:5070');
    expect(Array.from({ length: 4 }, () => payload.readInt())).toEqual([1795333003, 0, 0, -1]);
    expect([raw(payload.readBytes()), payload.remaining]).toEqual([1795333003, 0]);
  });

  it('of pipes is read until nothing remains', () => {
    const payload = new PayloadReader(payloadsOf('22-basic.hex')[5] ?? new Uint8Array());
    const pipes: unknown[] = [];
    while (payload.remaining > 0)
      pipes.push([payload.readString(), payload.readInt(), payload.readInt(), payload.readInt()]);
    expect(pipes.length).toBeGreaterThan(0);
    for (const pipe of pipes)
      expect(pipe).toEqual([expect.stringMatching(/^\w+$/), 1, expect.any(Number), expect.any(Number)]);
  });

  it('of a dialog that ends has its call id and tags', () => {
    const payload = new PayloadReader(payloadsOf('22-dialog.hex')[2] ?? new Uint8Array());
    const tags = [payload.readString(), payload.readString(), payload.readString()];
    expect(payload.remaining).toBe(0);
    for (const tag of tags) expect(tag).toMatch(/^[\w@.-]+$/);
  });

  it('is written byte for byte', () => {
    const again = new PayloadWriter().writeString('location').writeString('alice').payload();
    expect(Buffer.from(again)).toEqual(Buffer.from(insert));

    const from = new PayloadReader(contact);
    const to = new PayloadWriter();
    for (let i = 0; i < 12; i++) to.writeBytes(from.readBytes());
    for (let i = 0; i < 4; i++) to.writeInt(from.readInt());
    expect(Buffer.from(to.writeBytes(from.readBytes()).payload())).toEqual(Buffer.from(contact));
  });
});

describe('a payload', () => {
  it('reads back as it was written, whatever its fields are', () => {
    const field = fc.oneof(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const writer = new PayloadWriter();
        for (const one of fields) {
          if (typeof one === 'number') writer.writeInt(one);
          else if (typeof one === 'string') writer.writeString(one);
          else writer.writeBytes(one);
        }
        // Inside a larger buffer, as it arrives.
        const payload = Buffer.concat([Buffer.alloc(3), writer.payload(), Buffer.alloc(3)]).subarray(3, -3);
        const reader = new PayloadReader(payload);
        for (const one of fields) {
          if (typeof one === 'number') expect(reader.readInt()).toBe(one);
          else if (typeof one === 'string') expect(reader.readString()).toBe(one);
          else expect(Buffer.from(reader.readBytes())).toEqual(Buffer.from(one));
        }
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it('keeps a byte order mark', () => {
    expect(new PayloadReader(new PayloadWriter().writeString('\ufeffa').payload()).readString()).toBe('\ufeffa');
  });

  it.each([
    [
      'within an integer',
      '010000',
      (it: PayloadReader) => it.readInt(),
      'ends at byte 3, within the integer at byte 0',
    ],
    ['within a length', '0100', (it: PayloadReader) => it.readString(), 'within the length of a string at byte 0'],
    ['within a string', '0300000061', (it: PayloadReader) => it.readString(), 'within the string of 3 bytes at byte 0'],
    ['after a length below 0', 'ffffffff', (it: PayloadReader) => it.readBytes(), 'has a length of -1'],
    ['after a length beyond its end', 'ffffff7f', (it: PayloadReader) => it.readBytes(), 'string of 2147483647 bytes'],
  ])('that ends %s throws an error that says so, and is not advanced', (_, hex, read, words) => {
    const reader = new PayloadReader(Buffer.from(hex, 'hex'));
    const before = reader.remaining;
    expect(() => read(reader)).toThrow(words);
    expect(reader.remaining).toBe(before);
  });

  it.each([2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN])('rejects %d as an integer', (value) => {
    expect(() => new PayloadWriter().writeInt(value)).toThrow(RangeError);
  });
});
