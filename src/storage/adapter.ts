import type { SqlDriverAdapter, SqlQuery, SqlQueryable, SqlResultSet } from '@prisma/driver-adapter-utils';
import type { Naming } from './names.js';

/**
 * Wraps a driver adapter: replaces the model's names by the operator's, and passes errors through `translate`.
 * Prisma maps names when its client is generated. Names that are known only at the start are replaced here.
 */
export function adaptTable(
  adapter: SqlDriverAdapter,
  naming: Naming,
  translate: (error: unknown) => unknown,
): SqlDriverAdapter {
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw translate(error);
    }
  };
  const renamed = (query: SqlQuery): SqlQuery => ({ ...query, sql: naming.toTable(query.sql) });
  const adaptQueryable = (queryable: SqlQueryable) => ({
    provider: queryable.provider,
    adapterName: queryable.adapterName,
    queryRaw: (query: SqlQuery): Promise<SqlResultSet> =>
      guard(async () => {
        const result = await queryable.queryRaw(renamed(query));
        return { ...result, columnNames: naming.fromTable(result.columnNames) };
      }),
    executeRaw: (query: SqlQuery) => guard(() => queryable.executeRaw(renamed(query))),
  });

  return {
    ...adaptQueryable(adapter),
    executeScript: (script) => guard(() => adapter.executeScript(naming.toTable(script))),
    getConnectionInfo: () => adapter.getConnectionInfo?.() ?? { supportsRelationJoins: false },
    dispose: () => adapter.dispose(),
    startTransaction: (isolationLevel) =>
      guard(async () => {
        const transaction = await adapter.startTransaction(isolationLevel);
        return {
          ...adaptQueryable(transaction),
          options: transaction.options,
          commit: () => guard(() => transaction.commit()),
          rollback: () => guard(() => transaction.rollback()),
        };
      }),
  };
}
