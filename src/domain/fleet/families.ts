import type { Family } from '../../wire/cluster/family.js';

const OLD_NUMBERS: readonly Family[] = ['C1', 'C2', 'C3'];
const WITH_SEQUENCE: readonly Family[] = ['C3', 'D2', 'E'];

/** Whether two families have the same message numbers. */
export function numberAlike(one: Family, other: Family): boolean {
  return OLD_NUMBERS.includes(one) === OLD_NUMBERS.includes(other);
}

/** Whether announcements of capabilities have a sequence in this family. */
export function carriesSequence(family: Family): boolean {
  return WITH_SEQUENCE.includes(family);
}

/**
 * Returns the family to remember of a machine whose capabilities look like those of `told` (F4). Capabilities look alike in C1 and C2, and in D2 and
 * E: then the known family stays.
 */
export function refined(known: Family | null, told: Family): Family {
  if (known === null) return told;
  const alike = numberAlike(known, told) && carriesSequence(known) === carriesSequence(told);
  return alike ? known : told;
}
