import { FrameParser } from '../../../src/wire/frame.js';
import { capturedPackets } from '../../fixtures/captures.js';
import { frameParser } from '../../support/peers/runs.js';

const PACKETS = [...capturedPackets('22-basic.hex'), ...capturedPackets('22-dialog.hex')];
const [FIRST = Buffer.alloc(0)] = PACKETS;

/** "ul", type 1, machine 1, no payload, with 0xdead in the unused bytes after length and version. */
const WITH_GARBAGE = Buffer.from('5034434b1a00adde0100adde02000000756c0100000001000000', 'hex');

function parse(chunks: readonly Buffer[]) {
  const frames: Buffer[] = [];
  const parser = frameParser((frame) => frames.push(frame));
  const faults = chunks.map((chunk) => parser.push(chunk));
  return { frames, pending: parser.pending, fault: faults.at(-1) ?? null, faults };
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const bytewise = (stream: Buffer) => Array.from(stream, (byte) => Buffer.of(byte));

describe('FrameParser', () => {
  it('finds the captured packets in one chunk', () => {
    const { frames, pending } = parse([Buffer.concat(PACKETS)]);
    expect(frames).toEqual(PACKETS);
    expect(pending).toBe(false);
  });

  it('finds the captured packets byte by byte', () => {
    expect(parse(bytewise(Buffer.concat(PACKETS))).frames).toEqual(PACKETS);
  });

  it('ignores the unused bytes of length and version', () => {
    expect(parse([WITH_GARBAGE, WITH_GARBAGE]).frames).toEqual([WITH_GARBAGE, WITH_GARBAGE]);
  });

  it('is pending exactly while an incomplete frame waits', () => {
    const parser = frameParser(() => {});
    expect(parser.pending).toBe(false);
    parser.push(FIRST.subarray(0, 1));
    expect(parser.pending).toBe(true);
    parser.push(FIRST.subarray(1));
    expect(parser.pending).toBe(false);
  });

  it('accepts the longest frame, and drops the shortest, whose head is not whole', () => {
    const shortest = bytes('5034434b1600000001000000060000006469616c6f67');
    const longest = Buffer.alloc(65_535);
    bytes('5034434bffff00000100000002000000756c').copy(longest);
    const stream = Buffer.concat([shortest, longest]);
    for (const chunks of [[stream], bytewise(stream)]) {
      const found: string[] = [];
      const parser = new FrameParser({
        run: ({ byteLength }) => found.push(`run of ${byteLength} bytes`),
        tooShort: () => found.push('too short'),
      });
      for (const chunk of chunks) expect(parser.push(chunk)).toBeNull();
      expect(found).toEqual(['too short', 'run of 65535 bytes']);
    }
  });

  it('copies a frame that arrives in single bytes only once', () => {
    const longest = Buffer.alloc(65_535);
    bytes('5034434bffff00000100000002000000756c').copy(longest);
    const parser = new FrameParser({ run: () => {}, tooShort: () => {} });
    const copy = jest.spyOn(Buffer.prototype, 'copy');
    for (const byte of bytewise(longest)) parser.push(byte);
    const copied = copy.mock.results.reduce((sum, { value }) => sum + value, 0);
    copy.mockRestore();
    // The frame itself, and its first 16 bytes again once the length is known.
    expect(copied).toBe(65_535 + 16);
  });

  test.each([
    ['bad_marker', '51', 1],
    ['bad_marker', '503458', 3],
    ['bad_marker', '474554202f20485454502f312e310d0a', 1],
    ['bad_length', '5034434b0000', 6],
    ['bad_length', '5034434b1500', 6],
    ['bad_length', '5034434b1500ffff', 6],
    ['bad_name_length', '5034434b160000000100000007000000', 16],
    // PING of 2.4 to 4.0 ("clusterer-internal"), a packet of "ul" of 2.3.
    [
      'other_dialect',
      '5034434b2e00000001001200636c757374657265722d696e7465726e616c00000000010000000100000001000000',
      16,
    ],
    ['other_dialect', '5034434b1e00000001000200756c0300', 16],
    ['bad_name_length', '5034434b1600000001000000ffffffff', 16],
    ['bad_name_length', '5034434b1600000001000000ffffff7f', 16],
  ])('reports %s for %s as soon as it is visible', (fault, hex, atByte) => {
    expect(parse([bytes(hex)]).fault).toBe(fault);
    expect(parse(bytewise(bytes(hex))).faults.indexOf(fault as never) + 1).toBe(atByte);
  });

  it('delivers the frames before a fault, and repeats the fault', () => {
    const { frames, faults } = parse([Buffer.concat([FIRST, bytes('00')]), FIRST]);
    expect(frames).toEqual([FIRST]);
    expect(faults).toEqual(['bad_marker', 'bad_marker']);
  });

  it('reports a fault after the end of an incomplete frame in the same chunk', () => {
    const { frames, faults } = parse([FIRST.subarray(0, 20), Buffer.concat([FIRST.subarray(20), bytes('00')])]);
    expect(frames).toEqual([FIRST]);
    expect(faults).toEqual([null, 'bad_marker']);
  });
});
