import { type DecodablePacket, PacketDecoder } from '../../../../src/service/delivery/packet-decoder.js';
import type { Family } from '../../../../src/wire/cluster/family.js';
import { AOR_DELETE, aorDelete, USRLOC } from '../../../support/fleet/payloads.js';

function packet(fields: Partial<DecodablePacket> = {}): DecodablePacket {
  const head = { machineId: 2, packetType: AOR_DELETE, version: 3 };
  return { dialect: '2.4', module: USRLOC, clusterId: 1, head, payload: aorDelete('alice'), isShared: true, ...fields };
}

function decoderFor(family: Family | null = null, ...redacted: readonly string[]): PacketDecoder {
  return new PacketDecoder({ familyOf: () => family, isShared: () => true, redacted: new Set(redacted) });
}

function decoded(decoder: PacketDecoder, one = packet()) {
  return JSON.parse(`{${decoder.membersOf(one)}}`);
}

function ints(...values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}

const PIPE = Buffer.from('\u0004\u0000pipe');

describe('a decoded packet', () => {
  it('has its name and its fields', () => {
    expect(decoded(decoderFor())).toEqual({
      decoded: { name: 'aor_delete', fields: { domain: 'location', aor: 'alice' } },
    });
  });

  it('says at which byte its payload does not fit', () => {
    const payload = aorDelete('alice').subarray(0, -1);
    expect(decoded(decoderFor(), packet({ payload }))).toEqual({
      decoded: null,
      decode_fault: expect.stringMatching(/^aor_delete: .* at byte 10\b/),
    });
  });

  it('says that there is no layout for a module, a type or a version', () => {
    const head = packet().head;
    for (const fields of [
      { module: 'tm-repl' },
      { head: { ...head, packetType: 99 } },
      { head: { ...head, version: 99 } },
      { dialect: '2.2' as const },
    ]) {
      const { decoded: none, decode_fault } = decoded(decoderFor(), packet(fields));
      expect([none, decode_fault]).toEqual([null, expect.stringMatching(/^no layout for packets of /)]);
    }
  });

  it('is the same for every reader, and another one once other bytes are in its memory', () => {
    const decoder = decoderFor();
    const payload = aorDelete('alice');
    const first = decoder.membersOf(packet({ payload }));
    expect(decoder.membersOf(packet({ payload }))).toBe(first);
    payload.write('carol', payload.length - 5);
    expect(decoded(decoder, packet({ payload })).decoded.fields.aor).toBe('carol');
  });

  it('is decoded once for all its readers, also beside one at the same offset of another chunk', () => {
    const decoder = decoderFor();
    const payloads = [Buffer.alloc(100), Buffer.alloc(100)].map((chunk, i) => {
      return chunk.subarray(40, 40 + aorDelete(`user${i}`).copy(chunk, 40));
    });
    for (let reader = 0; reader < 3; reader++) {
      const aors = payloads.map((payload) => decoded(decoder, packet({ payload })).decoded.fields.aor);
      expect(aors).toEqual(['user0', 'user1']);
    }
    expect(decoder.count).toBe(2);
  });

  it('is not kept for its only reader', () => {
    const decoder = decoderFor();
    const alone = packet({ isShared: false });
    expect(decoded(decoder, alone)).toEqual(decoded(decoder, alone));
    expect(decoder.count).toBe(2);
  });

  it('is decoded once for a reader that is many packets late', () => {
    const decoder = decoderFor();
    const payloads = Array.from({ length: 40 }, (_, i) => aorDelete(String(i).padStart(5_000, '0')));
    for (let reader = 0; reader < 2; reader++) for (const payload of payloads) decoder.membersOf(packet({ payload }));
    expect(decoder.count).toBe(payloads.length);
  });

  it('is right when the same bytes have another type', () => {
    const decoder = decoderFor();
    const payload = aorDelete('alice');
    const names = [1, 2].map((packetType) => {
      const head = { machineId: 2, packetType, version: 1 };
      return decoded(decoder, packet({ payload, head })).decoded.name;
    });
    expect(names).toEqual(['aor_insert', 'aor_delete']);
  });

  it('stays right after more packets than are kept', () => {
    const decoder = decoderFor();
    for (let i = 0; i < 300; i++) {
      const aor = String(i).padStart(20_000, '0');
      expect(decoded(decoder, packet({ payload: aorDelete(aor) })).decoded.fields.aor).toBe(aor);
    }
  });

  it('is read as the release of its sender writes it, where the version does not say it', () => {
    // One pipe with flags, or without: algo 1, limit 2, counter 3.
    const head = { machineId: 2, packetType: 0, version: 1 };
    const flagged = packet({ module: 'ratelimit-pipe-repl', head, payload: Buffer.concat([PIPE, ints(1, 1, 2, 3)]) });
    const plain = { ...flagged, payload: Buffer.concat([PIPE, ints(1, 2, 3)]) };
    const counts = { pipe: 'pipe', algo: 1, limit: 2, counter: 3 };
    expect(decoded(decoderFor('E'), flagged).decoded.fields.pipes).toEqual([
      { ...counts, flags: ['bin'], flags_raw: 1 },
    ]);
    for (const family of ['D1', 'E', null] as const) {
      expect(decoded(decoderFor(family), plain).decoded.fields.pipes).toEqual([counts]);
    }
  });

  it('prefers the layout of its sender where several fit', () => {
    // The name of the second pipe contains what the other layout reads as the end of the first pipe and the start of the second.
    const head = { machineId: 2, packetType: 0, version: 1 };
    const name = 'xx\0\0yyyy';
    const payload = Buffer.concat([PIPE, ints(0, 0, 0), Buffer.from(`\u0008\0${name}`), ints(0, 0, 0)]);
    const ambiguous = packet({ module: 'ratelimit-pipe-repl', head, payload });
    const secondFor = (family: Family) => decoded(decoderFor(family), ambiguous).decoded.fields.pipes[1].pipe;
    expect([secondFor('D1'), secondFor('E')]).toEqual([name, '']);
  });
});

describe('redacted fields', () => {
  it('have a text in place of their values, in lists too', () => {
    const head = { machineId: 2, packetType: 0, version: 1 };
    const payload = Buffer.concat([PIPE, ints(1, 1, 2, 3)]);
    const pipes = packet({ module: 'ratelimit-pipe-repl', head, payload });
    expect(decoded(decoderFor('E', 'pipe', 'flags'), pipes).decoded.fields.pipes).toEqual([
      { pipe: '(redacted)', flags: '(redacted)', flags_raw: '(redacted)', algo: 1, limit: 2, counter: 3 },
    ]);
  });

  it('do not show in a fault, which may contain bytes of the payload as a number', () => {
    const payload = aorDelete('alice').subarray(0, -1);
    expect(decoded(decoderFor(null, 'aor'), packet({ payload }))).toEqual({
      decoded: null,
      decode_fault: 'aor_delete: the payload does not fit at byte 10',
    });
  });

  it('hide nothing of the others', () => {
    expect(decoded(decoderFor(null, 'aor')).decoded.fields).toEqual({ domain: 'location', aor: '(redacted)' });
  });
});
