import type { Cause } from '../../domain/machine.js';
import type { Origin } from '../engine-loop.js';

/** Causes behind which a person may stand. */
const ASKED_FOR: readonly Cause[] = ['operator', 'set_state', 'reload', 'provisioning'];

/** The name of the token behind a change of state; null where it happened by itself, or tokens are not used. */
export function askedBy({ by }: Origin, cause: Cause): string | null {
  return ASKED_FOR.includes(cause) ? by : null;
}
