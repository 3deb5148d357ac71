import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { statement } from '../sql-query.js';

/**
 * Of PostgreSQL, whose own words for a search path that leads nowhere name no schema. Null is its answer as well where the user may not
 * use the schema.
 * @throws {Error} that names the schema
 */
export async function assertSchema(database: SqlQueryable, schema: string | undefined): Promise<void> {
  const { rows } = await database.queryRaw(statement('postgresql', 'SELECT current_schema()::text'));
  if (rows[0]?.[0] !== null) return;
  throw new Error(
    schema === undefined
      ? 'CLUSTERER_DB_URL: the search path of this user names no schema that it may use. Name one with ?schema=.'
      : `CLUSTERER_DB_URL: there is no schema "${schema}" in this database, or the user may not use it. Correct ?schema=, create the schema, or grant USAGE on it.`,
  );
}
