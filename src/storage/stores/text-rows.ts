import type { Provider } from '../../config/database-url.js';
import { Prisma } from '../../generated/sqlite/client.js';
import type { Field } from '../names.js';

/** A row with every value as text. Any value of any table can be read as text, also one that the model's type does not allow. */
export type TextRow = Readonly<Partial<Record<Field, string | null>>>;

/** A statement that reads the clusterer table as text, by ascending key. */
export function selectRows(provider: Provider, fields: readonly Field[], where: Prisma.Sql): Prisma.Sql {
  const type = provider === 'mysql' ? 'CHAR' : 'TEXT';
  const columns = fields.map((field) => `CAST("clusterer"."${field}" AS ${type}) AS "${field}"`).join(', ');
  return Prisma.sql`SELECT ${Prisma.raw(columns)} FROM "clusterer" ${where} ORDER BY ${KEY}`;
}

// Qualified: the bare name is the text of the select list, which sorts 10 before 9.
const KEY = Prisma.raw('"clusterer"."clusterer_id"');
