import { named, OrNull, ref } from '../schemas/common.js';
import { type TSchema, Type } from '../schemas/typebox.js';
import type { FieldType } from '../wire/modules/field.js';

export type Named = TSchema & { readonly $id: string };

/** `decoded`: what is read. `sent`: what is accepted, where a value may be left out or given in another form. */
export type Direction = 'decoded' | 'sent';

export const Base64 = named(
  'Base64',
  Type.Object({ base64: Type.String({ contentEncoding: 'base64' }) }, { description: 'bytes' }),
);
export const Text = named(
  'Text',
  Type.Union([Type.String(), ref(Base64)], { description: 'base64 where the bytes are not UTF-8' }),
);
export const Int64 = named(
  'Int64',
  Type.Union([Type.Integer(), Type.String({ pattern: '^-?\\d+$' })], {
    description: 'decimal text where JavaScript cannot represent the number exactly',
  }),
);
export const Int32 = Type.Integer({ format: 'int32' });
const idParts = { hash: Type.Integer(), record_label: Type.Integer(), contact_label: Type.Integer() };
export const ContactId = named(
  'ContactId',
  Type.Object({ ...idParts, raw: Type.String({ description: 'all 64 bits, decimal text' }) }),
);
const ContactIdParts = named('SentContactIdParts', Type.Object({ ...idParts, raw: Type.Optional(Type.String()) }));
const ContactIdRaw = named('SentContactIdRaw', Type.Object({ raw: ref(Int64) }));
const SentContactId = named(
  'SentContactId',
  Type.Union([ref(ContactIdParts), ref(ContactIdRaw), ref(Int64)], {
    description: 'its parts, all 64 bits, or both if they agree',
  }),
);
export const SENT_CONTACT_IDS: readonly Named[] = [ContactIdParts, ContactIdRaw, SentContactId];
const Names = Type.Array(Type.String());

/** The schema of a value by the kind of its field. */
const VALUES: Readonly<Record<string, Readonly<Record<Direction, TSchema>>>> = {
  int: both(Int32),
  text: both(ref(Text)),
  int64: both(ref(Int64)),
  q: both(OrNull(Type.Number())),
  flags: both(Names),
  methods: both(Names),
  flag_names: {
    decoded: Type.Union([Names, ref(Base64)]),
    sent: Type.Union([Names, ref(Text), Type.Literal(0)]),
  },
  contact_id: { decoded: ref(ContactId), sent: ref(SentContactId) },
  bytes: both(ref(Base64)),
  texts: both(Type.Array(ref(Text))),
};

function both(schema: TSchema): Record<Direction, TSchema> {
  return { decoded: schema, sent: schema };
}

/** Returns the schema of a value. @throws Error for a kind of field without a schema */
export function valueSchema(type: FieldType, direction: Direction): TSchema {
  const value = VALUES[type.kind]?.[direction];
  if (value === undefined) throw new Error(`no schema for fields of type ${type.kind}`);
  const about = 'about' in type && type.about !== '' ? { description: type.about } : {};
  // A bit field without names also takes the empty list, which other versions have.
  const isBits = direction === 'sent' && type.kind === 'int' && 'meaning' in type && type.meaning !== null;
  return isBits
    ? Type.Union([value, Type.Unsafe({ type: 'array', maxItems: 0 })], about)
    : Type.Unsafe({ ...value, ...about });
}
