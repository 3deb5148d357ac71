import { DatabaseUnavailable } from '../../ground/errors.js';
import type { MachineRow } from '../../service/ports.js';
import type { KeyFault } from '../schema/keys.js';
import type { Operation } from './operations.js';

/** What the main thread sends. `accepted` replies to `stored`. */
export type ToThread =
  | { readonly id: number; readonly call: Operation; readonly args: readonly unknown[]; readonly asks: boolean }
  | { readonly id: number; readonly accepted: boolean };

/** What the SQLite thread sends: a value or an error for each call, and under `OPENING` how opening the database ended. */
export type FromThread =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: Fault }
  /** Before it commits `insert` or `update`: whether the caller accepts the row. */
  | { readonly id: number; readonly stored: MachineRow }
  | { readonly warning: string; readonly fields: object };

export const OPENING = 0;

/** What of an open database is not a method. */
export interface Opened {
  readonly keyFault: KeyFault | null;
  readonly own: { readonly lastId: number } | { readonly unusable: string };
}

/** An error as it crosses between threads, where classes are lost. */
export interface Fault {
  readonly message: string;
  readonly cause: string | null;
  /** Of `DatabaseUnavailable`; null for any other error. */
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
