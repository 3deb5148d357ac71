import type { SqlQuery } from '@prisma/driver-adapter-utils';
import type { Provider } from '../config/database-url.js';

/** SQL with `?` for each text argument, as that database numbers its parameters. */
export function statement(provider: Provider, sql: string, ...args: string[]): SqlQuery {
  let position = 0;
  return {
    sql: provider === 'postgresql' ? sql.replaceAll('?', () => `$${++position}`) : sql,
    args,
    argTypes: args.map(() => ({ scalarType: 'string', arity: 'scalar' })),
  };
}
