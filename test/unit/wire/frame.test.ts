import { v24 } from '../../../src/wire/dialects/v24.js';
import { FrameParser } from '../../../src/wire/frame.js';
import { joined } from '../../../src/wire/frame-run.js';
import { capturedPackets } from '../../fixtures/captures.js';
import { packets24 } from '../../fixtures/packets-24.js';
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
        run: (run) => found.push(`run of ${joined(run).length} bytes`),
        tooShort: () => found.push('too short'),
      });
      // One expectation: one for each of 65,557 bytes takes seconds.
      expect(chunks.filter((chunk) => parser.push(chunk) !== null)).toEqual([]);
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
    ['bad_length', '5034434b1000', 6],
    ['bad_length', '5034434b1000ffff', 6],
    // Long enough for a frame of dialect 2.4, but it is one of 2.2.
    ['bad_length', '5034434b150000000100000000000000', 16],
    ['bad_name_length', '5034434b160000000100000007000000', 16],
    // Packets of 2.3: "ul" and "load_balancer".
    ['other_dialect', '5034434b1e00000001000200756c0300', 16],
    ['other_dialect', '5034434b2900000001000d006c6f61645f62616c616e636572', 25],
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

  it('reports the length of a later frame of 2.2 that is too short for one as soon as it is visible', () => {
    expect(parse([FIRST, ...bytewise(bytes('5034434b1500'))]).faults).toEqual([...Array(6).fill(null), 'bad_length']);
  });

  it('names the OpenSIPS of packets of another dialect, and only of those', () => {
    const otherDialect = (...chunks: Buffer[]) => {
      const parser = frameParser(() => {});
      for (const chunk of chunks) parser.push(chunk);
      return parser.otherDialect;
    };
    expect(otherDialect(bytes('5034434b1e00000001000200756c0300'))).toBe('2.3');
    expect(otherDialect(FIRST, LATER)).toBe('2.4');
    expect(otherDialect(LATER, FIRST)).toBe('2.2');
    expect(otherDialect(LATER, bytes('5034434b1e00000001000200756c0300'))).toBe('2.3');
    expect(otherDialect(FIRST)).toBeNull();
    expect(otherDialect(bytes('51'))).toBeNull();
  });
});

const LATER_PACKETS = packets24().map(({ frame }) => frame);
const [LATER = Buffer.alloc(0)] = LATER_PACKETS;

/** Its capability has the length of "load_balancer" of 2.3, and differs in the last letter: the dialect is known with byte 25. */
const LIKE_23 = v24.encode(
  { module: 'load_balanced', packetType: 1, version: 1, payload: Buffer.from('payload') },
  { clusterId: 1, machineId: 2, destination: 9 },
) as Buffer;

describe('FrameParser, for a stream of dialect 2.4', () => {
  it('finds the captured packets in one chunk, and byte by byte', () => {
    const stream = Buffer.concat(LATER_PACKETS);
    for (const chunks of [[stream], bytewise(stream)]) {
      const { frames, fault, pending } = parse(chunks);
      expect([fault, pending]).toEqual([null, false]);
      expect(byText(frames)).toEqual(byText(LATER_PACKETS));
    }
  });

  it.each([
    ['a capability that is no other', LATER],
    ['a capability whose first 16 bytes do not tell it from one of 2.3', LIKE_23],
  ])('finds a frame with %s, cut at every byte', (_, frame) => {
    for (let cut = 1; cut < frame.length; cut++) {
      const { frames, faults, pending } = parse([frame.subarray(0, cut), Buffer.concat([frame.subarray(cut), frame])]);
      expect([cut, faults, pending]).toEqual([cut, [null, null], false]);
      expect(frames).toEqual([frame, frame]);
    }
  });

  it.each([
    ['2.4 to 2.2', LATER, FIRST],
    ['2.2 to 2.4', FIRST, LATER],
  ])('ends where the dialect changes from %s, after the frames before', (_, first, other) => {
    for (const chunks of [[Buffer.concat([first, first, other])], bytewise(Buffer.concat([first, first, other]))]) {
      const { frames, fault } = parse(chunks);
      expect(frames).toEqual([first, first]);
      expect(fault).toBe('other_dialect');
    }
  });
});

/** Frames in an order of their own: those of one read are sorted into runs, which may change the order between modules. */
function byText(frames: readonly Buffer[]): string[] {
  return frames.map((frame) => frame.toString('hex')).sort();
}
