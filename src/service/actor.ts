import type { Role } from '../security/tokens.js';

/** Who asks for something: the name of the token and its role; null without tokens. */
export interface Actor {
  readonly name: string | null;
  readonly role: Role | null;
}

/** The service itself: its start, its timers, a signal. */
export const SYSTEM: Actor = { name: null, role: null };
