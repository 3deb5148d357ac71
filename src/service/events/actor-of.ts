import type { Cause } from '../../domain/machine.js';
import type { Origin } from '../engine-loop.js';

/** Causes that a person can have asked for. */
const REQUESTED: readonly Cause[] = ['operator', 'set_state', 'reload', 'provisioning'];

/**
 * The name of the token that asked for a change of state; null when it happened by itself, or without tokens.
 * A command can make due changes happen first, which nobody asked for.
 */
export function actorOf({ by }: Origin, cause: Cause): string | null {
  return REQUESTED.includes(cause) ? by : null;
}
