import type { Scalar } from './field.js';
import { bigintOf, type Refusal, wrong } from './meaning.js';

/** A contact of usrloc: 14 bits of contact label, 32 bits of record label, 18 bits of hash. `raw` is all of it, as decimal text. */
export interface ContactId {
  readonly hash: number;
  readonly record_label: number;
  readonly contact_label: number;
  readonly raw: string;
}

const CONTACT_BITS = 14;
const RECORD_BITS = 32;
const HASH_BITS = 18;
const EXPECTED = 'an object with hash, record_label and contact_label, with raw, or with both if they agree';

export const contactId: Scalar<ContactId, false> = {
  kind: 'contact_id',
  wire: 'bytes8',
  hasRaw: false,
  about: '{ hash, record_label, contact_label, raw }; raw: all 64 bits, decimal text',
  meaning: {
    of: 'wide',
    read(high, low) {
      const [upper, lower] = [high >>> 0, low >>> 0];
      return {
        hash: upper >>> CONTACT_BITS,
        record_label: ((upper << HASH_BITS) | (lower >>> CONTACT_BITS)) >>> 0,
        contact_label: lower & (2 ** CONTACT_BITS - 1),
        raw: String((BigInt(upper) << 32n) | BigInt(lower)),
      };
    },
    write(value) {
      if (typeof value !== 'object' || value === null) return unsigned(value);
      const { raw, hash, record_label, contact_label, ...others } = value as Partial<ContactId>;
      if (Object.keys(others).length > 0) return wrong(EXPECTED);
      const whole = raw === undefined ? null : unsigned(raw);
      if (whole !== null && typeof whole !== 'bigint') return whole;
      const parts = joined(hash, record_label, contact_label);
      if (whole !== null && hash === undefined && record_label === undefined && contact_label === undefined)
        return whole;
      if (parts === null || (whole !== null && whole !== parts)) return wrong(EXPECTED);
      return parts;
    },
  },
};

function unsigned(value: unknown): bigint | Refusal {
  const id = bigintOf(value);
  return id !== null && id >= 0n && id < 2n ** 64n ? id : wrong('a contact id of 64 bits, or its parts');
}

function joined(hash: unknown, record: unknown, contact: unknown): bigint | null {
  if (!fits(hash, HASH_BITS) || !fits(record, RECORD_BITS) || !fits(contact, CONTACT_BITS)) return null;
  return (
    (BigInt(hash) << BigInt(CONTACT_BITS + RECORD_BITS)) | (BigInt(record) << BigInt(CONTACT_BITS)) | BigInt(contact)
  );
}

function fits(value: unknown, bits: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** bits;
}
