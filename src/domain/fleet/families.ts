import type { Family } from '../../wire/cluster/family.js';

const OLD_NUMBERS: readonly Family[] = ['C1', 'C2', 'C3'];
const WITH_SEQUENCE: readonly Family[] = ['C3', 'D2', 'E'];

/** Whether two families number capabilities, tags and sync alike. */
export function numberAlike(one: Family, other: Family): boolean {
  return OLD_NUMBERS.includes(one) === OLD_NUMBERS.includes(other);
}

/** Whether its floods of capabilities carry a sequence. */
export function carriesSequence(family: Family): boolean {
  return WITH_SEQUENCE.includes(family);
}

/**
 * Returns the family to remember of a machine (F4). Its capabilities tell the families apart up to C1 and C2, and up to D2 and E: of these they do
 * not replace what is known.
 */
export function refined(known: Family | null, told: Family): Family {
  if (known === null) return told;
  const alike = numberAlike(known, told) && carriesSequence(known) === carriesSequence(told);
  return alike ? known : told;
}
