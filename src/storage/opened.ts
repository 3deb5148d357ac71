import type { TableVersion } from '../domain/cluster-dialect.js';
import type { MachineStore } from '../service/ports/machine-store.js';
import type { OwnStores } from '../service/ports/own-stores.js';
import type { ColumnNames } from './names.js';
import type { KeyFault } from './schema/keys.js';

export interface DatabaseOptions {
  /** CLUSTERER_DB_URL as it was given. */
  readonly url: string;
  readonly table: string;
  readonly columns: ColumnNames;
  /** The version of the clusterer table that is created where none exists. */
  readonly fresh: TableVersion;
  /** Seconds: the `duration` of rows in a table of version 4, which has no such column. */
  readonly nodeTimeoutSeconds: number;
}

/** An open database: the clusterer table and the service's own tables. */
export interface Database {
  /** Its `close` closes the whole database. */
  readonly machines: MachineStore;
  /** What the database does not guarantee for the key column; null when it is a key. */
  readonly keyFault: KeyFault | null;
  /** `unusable`: why the own tables cannot be used, for the operator. */
  readonly own: OwnStores | { readonly unusable: string };
}
