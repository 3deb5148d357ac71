import { FAMILY_TRAITS, type Family } from '../../wire/cluster/family.js';

/** Whether two families have the same message numbers. */
export function numberAlike(one: Family, other: Family): boolean {
  return FAMILY_TRAITS[one].capabilitiesType === FAMILY_TRAITS[other].capabilitiesType;
}

/** Whether announcements of capabilities have a sequence in this family. */
export function carriesSequence(family: Family): boolean {
  return FAMILY_TRAITS[family].capabilitiesHaveSequence;
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

/** Whether a machine of a known family announces itself in another: it runs another release now, so it has started again (F4). */
export function isOther(known: Family | null, told: Family | null): boolean {
  return known !== null && told !== null && refined(known, told) !== known;
}
