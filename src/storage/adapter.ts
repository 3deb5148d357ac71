import type { SqlDriverAdapter, SqlQuery, SqlQueryable, SqlResultSet } from '@prisma/driver-adapter-utils';
import type { Naming } from './names.js';

/**
 * A driver adapter that speaks the model's names although the table has the operator's, and whose errors went through `translate`.
 * Prisma maps names when it generates, so names known only at start are put in on the way to the driver.
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
