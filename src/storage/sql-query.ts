import type { SqlQuery } from '@prisma/driver-adapter-utils';
import type { Provider } from '../config/database-url.js';

/** Returns a query with text arguments. `?` in the SQL becomes the parameter syntax of that database. */
export function sqlQuery(provider: Provider, sql: string, ...args: string[]): SqlQuery {
  let position = 0;
  return {
    sql: provider === 'postgresql' ? sql.replaceAll('?', () => `$${++position}`) : sql,
    args,
    argTypes: args.map(() => ({ scalarType: 'string', arity: 'scalar' })),
  };
}
