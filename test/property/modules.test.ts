import fc from 'fast-check';
import type { Field, Fields, Scalar } from '../../src/wire/modules/field.js';
import type { Layout } from '../../src/wire/modules/layout.js';
import { allLayouts } from '../../src/wire/modules/layouts.js';
import {
  decodePayload,
  type EncodedPayload,
  encodePayload,
  fits,
  jsonDecoder,
} from '../../src/wire/modules/payloads.js';
import { hasSync, liveOf } from '../../src/wire/modules/sync.js';

/** Bytes of a payload, made from its table without the code under test. */
type Bytes = fc.Arbitrary<Uint8Array>;

const int32 = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const noise = fc.uint8Array({ maxLength: 20 });
const utf8 = fc.string({ unit: 'grapheme', maxLength: 12 }).map((it) => new Uint8Array(Buffer.from(it)));

function littleEndian(value: number, bytes: number): Uint8Array {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return new Uint8Array(buffer.subarray(0, bytes));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function stringOf(lengthBytes: number, bytes: Uint8Array): Uint8Array {
  return joined([littleEndian(bytes.length, lengthBytes), bytes]);
}

function scalarBytes({ wire }: Scalar, lengthBytes: number): Bytes {
  switch (wire) {
    case 'int':
      return int32.map((it) => littleEndian(it, 4));
    case 'string':
      return fc.oneof(utf8, utf8, noise).map((it) => stringOf(lengthBytes, it));
    case 'bytes4':
      return fc.uint8Array({ minLength: 4, maxLength: 4 }).map((it) => stringOf(lengthBytes, it));
    case 'bytes8':
      return fc.uint8Array({ minLength: 8, maxLength: 8 }).map((it) => stringOf(lengthBytes, it));
    case 'rest':
      return noise;
  }
}

function typeBytes({ type }: Field, lengthBytes: number): Bytes {
  if (type.kind === 'texts') {
    return fc.array(utf8, { maxLength: 4 }).map((items) => {
      return joined([littleEndian(items.length, 4), ...items.map((it) => stringOf(lengthBytes, it))]);
    });
  }
  if (!('fields' in type)) return scalarBytes(type as Scalar, lengthBytes);
  const group = groupBytes(type.fields, lengthBytes);
  return type.kind === 'object' ? group : fc.array(group, { maxLength: 4 }).map(joined);
}

/** Chooses first what the conditions of the group need. */
function groupBytes(fields: Fields, lengthBytes: number): Bytes {
  const conditions = fields.flatMap(({ when }) => (when === undefined ? [] : [when]));
  const choices = [null, ...conditions];
  return fc.constantFrom(...choices).chain((chosen) => {
    const parts = fields.map((field) => {
      const { name, when } = field;
      if (conditions.some((it) => it.field === name)) {
        const filled = chosen !== null && chosen.field === name;
        const is = conditions.find((it) => it.field === name)?.is;
        if (is === 'not_empty') return fc.constant(stringOf(lengthBytes, Buffer.from(filled ? 'tag' : '')));
        return fc.constant(littleEndian(filled ? Number(chosen.is) : 0, 4));
      }
      const present = when === undefined || (chosen?.field === when.field && chosen.is === when.is);
      return present || (when?.is === 'not_empty' && chosen?.is === 'not_empty')
        ? typeBytes(field, lengthBytes)
        : fc.constant(new Uint8Array());
    });
    return fc.tuple(...parts).map(joined);
  });
}

function payloadOf(layout: Layout): Bytes {
  return groupBytes(layout.fields, layout.dialect === '2.2' ? 4 : 2);
}

const layouts = allLayouts().map(
  (it) => [`${it.dialect} ${it.module} ${it.versions} ${it.name} ${it.releases}`, it] as const,
);
const anyLayout = fc.constantFrom(...allLayouts());

const toJson = jsonDecoder();

describe('the tables', () => {
  it.each(layouts)('%s: what is decoded encodes to the same bytes', (_name, layout) => {
    fc.assert(
      fc.property(payloadOf(layout), (payload) => {
        expect(fits([layout], payload)).toBe(true);
        const packet = decodePayload([layout], payload);
        if ('fault' in packet) throw new Error(packet.fault);
        const json = JSON.parse(JSON.stringify(packet.fields));
        const text = toJson([layout], payload);
        expect('json' in text && JSON.parse(text.json)).toEqual({ name: layout.name, fields: json });
        const { payload: bytes, ...encoded } = encodePayload([layout], json) as EncodedPayload;
        expect(encoded).toEqual({ packetType: layout.packetType, layout });
        expect(Buffer.compare(bytes, payload)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it.each(layouts)('%s: a redacted field is hidden, and nothing else', (_name, layout) => {
    fc.assert(
      fc.property(payloadOf(layout), fc.constantFrom(...layout.fields), (payload, { name }) => {
        const packet = decodePayload([layout], payload);
        if ('fault' in packet) throw new Error(packet.fault);
        const fields = JSON.parse(JSON.stringify(packet.fields));
        for (const key of [name, `${name}_raw`]) if (key in fields) fields[key] = '(redacted)';
        const text = jsonDecoder(new Set([name]))([layout], payload);
        expect('json' in text && JSON.parse(text.json).fields).toEqual(fields);
      }),
      { numRuns: 10 },
    );
  });

  it('read any bytes without throwing, and say where they stop to fit', () => {
    const cut = anyLayout.chain((layout) =>
      fc.tuple(fc.constant(layout), payloadOf(layout), fc.nat(), fc.nat(255)).map(([it, payload, at, byte]) => {
        const changed = Uint8Array.from(payload);
        if (changed.length > 0) changed[at % changed.length] = byte;
        return [it, changed] as const;
      }),
    );
    const random = fc.tuple(anyLayout, fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(fc.oneof(cut, random), ([layout, payload]) => {
        const packet = decodePayload([layout], payload);
        const isRead = !('fault' in packet);
        expect([fits([layout], payload), 'json' in toJson([layout], payload)]).toEqual([isRead, isRead]);
        if (isRead) return;
        const at = Number(/ at byte (\d+)/.exec(packet.fault)?.[1]);
        expect([payload.length, at >= 0 && at <= payload.length]).toEqual([payload.length, true]);
      }),
      { numRuns: 3000 },
    );
  });

  it('write any JSON or name what is wrong with it', () => {
    fc.assert(
      fc.property(
        anyLayout,
        fc.dictionary(fc.constantFrom('aor', 'pipes', 'q', 'flags', 'x'), fc.jsonValue()),
        (layout, fields) => {
          const packet = encodePayload([layout], fields as Record<string, unknown>);
          if (packet === null || !('faults' in packet)) return;
          for (const { pointer } of packet.faults) expect(pointer).toMatch(/^\//);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('turn any chunk of a sync into a packet or nothing', () => {
    const module = fc.constantFrom(...new Set(allLayouts().map((layout) => layout.module)));
    fc.assert(
      fc.property(module, fc.uint8Array({ maxLength: 40 }), (it, chunk) => {
        const live = liveOf(it, chunk);
        if (!hasSync(it)) expect(live).toBeNull();
      }),
    );
  });
});
