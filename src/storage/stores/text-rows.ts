import type { Provider } from '../../config/database-url.js';
import { Prisma } from '../../generated/sqlite/client.js';
import { FIELDS, type Field } from '../names.js';

/** A row with every value as text. Any value of any table can be read as text, also one that the model's type does not allow. */
export type TextRow = Readonly<Record<Field, string | null>>;

/** A statement that reads the clusterer table as text, by ascending key. */
export function selectRows(provider: Provider, where: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT ${provider === 'mysql' ? CHARS : TEXTS} FROM "clusterer" ${where} ORDER BY ${KEY}`;
}

// Qualified: the bare name is the text of the select list, which sorts 10 before 9.
const KEY = Prisma.raw('"clusterer"."clusterer_id"');
const TEXTS = columns('TEXT');
const CHARS = columns('CHAR');

function columns(type: 'TEXT' | 'CHAR'): Prisma.Sql {
  return Prisma.raw(FIELDS.map((field) => `CAST("clusterer"."${field}" AS ${type}) AS "${field}"`).join(', '));
}
