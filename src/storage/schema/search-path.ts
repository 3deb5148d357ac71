import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { sqlQuery } from '../sql-query.js';

/**
 * Checks PostgreSQL's search path: its own error for an unusable path does not name the schema.
 * `current_schema` is null when the schema does not exist and when the user may not use it.
 * @throws {Error} that names the schema
 */
export async function assertSchema(database: SqlQueryable, schema: string | undefined): Promise<void> {
  const { rows } = await database.queryRaw(sqlQuery('postgresql', 'SELECT current_schema()::text'));
  if (rows[0]?.[0] !== null) return;
  throw new Error(
    schema === undefined
      ? 'CLUSTERER_DB_URL: the search path of this user has no schema that the user may use. Name one with ?schema=.'
      : `CLUSTERER_DB_URL: there is no schema "${schema}" in this database, or the user may not use it. Correct ?schema=, create the schema, or grant USAGE on it.`,
  );
}
