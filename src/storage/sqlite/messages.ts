import type { FileTarget } from '../../config/database-url.js';
import type { TableVersion } from '../../domain/cluster-dialect.js';
import { DatabaseUnavailable } from '../../ground/errors.js';
import type { MachineRow } from '../../service/ports/machine-store.js';
import type { DatabaseOptions } from '../opened.js';
import type { KeyFault } from '../schema/keys.js';
import type { Operation } from './operations.js';

/** What a thread starts with. */
export interface ThreadData {
  readonly options: DatabaseOptions;
  readonly target: FileTarget;
  /** Whether opening creates the file. */
  readonly createsFile: boolean;
}

/** What the main thread sends. `accepted` replies to `stored`. */
export type ToThread =
  | { readonly id: number; readonly call: Operation; readonly args: readonly unknown[]; readonly asks: boolean }
  | { readonly id: number; readonly accepted: boolean };

/** What the SQLite thread sends: a value or a fault for each call. The id `OPENING` is that of opening the database. */
export type FromThread =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: Fault }
  /** Asks whether the caller accepts the row, before `insert` or `update` commits. */
  | { readonly id: number; readonly stored: MachineRow }
  | { readonly warning: string; readonly fields: object };

export const OPENING = 0;

/** The parts of an open database that are not methods. */
export interface Opened {
  readonly tableVersion: TableVersion;
  readonly keyFault: KeyFault | null;
  readonly own:
    | { readonly lastId: number; readonly fleet: 'usable' | { readonly unusable: string } }
    | { readonly unusable: string };
}

/** An error as it crosses between threads, which lose its class. */
export interface Fault {
  readonly message: string;
  readonly cause: string | null;
  /** The field of `DatabaseUnavailable`; null for any other error. */
  readonly away: boolean | null;
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: String(error), cause: null, away: null };
  const { message, cause } = error;
  return {
    message,
    cause: cause === undefined ? null : cause instanceof Error ? cause.message : String(cause),
    away: error instanceof DatabaseUnavailable ? error.away : null,
  };
}

export function errorOf({ message, cause, away }: Fault): Error {
  const inner = cause === null ? undefined : new Error(cause);
  return away === null ? new Error(message, { cause: inner }) : new DatabaseUnavailable(message, inner, away);
}
