import type { Provider } from '../../config/database-url.js';
import { Prisma } from '../../generated/sqlite/client.js';
import { FIELDS, type Field } from '../names.js';

/** Fields of the model that are texts; all others are integers. */
type TextField = 'url' | 'description';
export type IntegerField = Exclude<Field, TextField>;

/** A row with every value cast to text by the database, which is how any value of any table can be read; integers may also come as they are. */
export type TextRow = Readonly<Record<TextField, string | null> & Record<IntegerField, string | number | null>>;

/** How the clusterer table is read as text: by a statement in the model's names, and from what it answers. */
export interface TextRows {
  /** By ascending key. */
  select(where: Prisma.Sql): Prisma.Sql;
  read(answer: readonly Readonly<Record<string, string | null>>[]): readonly TextRow[];
}

export function textRowsOf(provider: Provider): TextRows {
  if (provider === 'sqlite') return oneText;
  return cells(provider === 'mysql' ? 'CHAR' : 'TEXT');
}

// Qualified, because the bare name would be the text of the select list, which sorts 10 before 9.
const KEY = Prisma.raw('"clusterer"."clusterer_id"');

/** A row for each row, a column for each field. */
function cells(type: 'TEXT' | 'CHAR'): TextRows {
  const columns = Prisma.raw(FIELDS.map((field) => `${cast(field, type)} AS "${field}"`).join(', '));
  return {
    select: (where) => Prisma.sql`SELECT ${columns} FROM "clusterer" ${where} ORDER BY ${KEY}`,
    // The columns are the fields.
    read: (answer) => answer as readonly TextRow[],
  };
}

const TEXT_FIELDS: readonly Field[] = ['url', 'description'] satisfies TextField[];
const members = FIELDS.map((field) => {
  // `substr` ends a text at a NUL, as the driver does with every text that it hands over.
  const text = `substr(${cast(field, 'TEXT')}, 1)`;
  // Almost all are, and reading ten thousand rows of texts as numbers takes a twentieth of a second.
  const integer = `CASE typeof(${column(field)}) WHEN 'integer' THEN ${column(field)} ELSE ${text} END`;
  return `'${field}', ${TEXT_FIELDS.includes(field) ? text : integer}`;
});
const object = Prisma.raw(`json_object(${members.join(', ')})`);

/**
 * All rows as one text of JSON. SQLite's driver, the way between the threads and Prisma each take their time over every value;
 * together that is several times what it takes to write the JSON and to read it.
 */
const oneText: TextRows = {
  select: (where) => Prisma.sql`SELECT json_group_array(${object} ORDER BY ${KEY}) FROM "clusterer" ${where}`,
  // By position, since any name that the column is given may be that of one of the operator's.
  read: ([answer = {}]) => JSON.parse(Object.values(answer)[0] ?? '[]'),
};

function cast(field: Field, type: 'TEXT' | 'CHAR'): string {
  return `CAST(${column(field)} AS ${type})`;
}

function column(field: Field): string {
  return `"clusterer"."${field}"`;
}
