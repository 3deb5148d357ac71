/**
 * The wire families of dialect 2.4 (docs/protocol.md). Links come up across all of them; capabilities, tags, MI and sync do not cross between
 * the old numbers (C1 to C3) and the new ones (D1 to E).
 *
 *     C1   2.4.0–2.4.6, 3.0.0
 *     C2   2.4.7–2.4.11, 3.0.1–3.0.5, 3.1.0–3.1.6
 *     C3   3.1.7–3.1.17: capabilities with a sequence number
 *     D1   3.2.0–3.2.3: new numbers
 *     D2   3.2.4–3.2.19: capabilities with a sequence number
 *     E    3.3.0 and later: the end of a sync carries a count
 */
export const FAMILIES = ['C1', 'C2', 'C3', 'D1', 'D2', 'E'] as const;
export type Family = (typeof FAMILIES)[number];

/** What differs between the families. */
export interface FamilyTraits {
  /** The type of `capabilities`. */
  readonly capabilitiesType: 8 | 9;
  readonly capabilitiesHaveSequence: boolean;
  /** The types in `clusterer-extra`; null: there is no such message. */
  readonly extraTypes: ExtraTypes;
  /** The packet version of sync messages: 1 has neither data version nor chunk sizes, 3 has a count at the end. */
  readonly syncVersion: 1 | 2 | 3;
}

export interface ExtraTypes {
  readonly remove_node: number | null;
  readonly generic: number;
  readonly mi: number;
  readonly sync_request: number;
  readonly sync: number;
  readonly sync_end: number;
  readonly tag_active: number;
}

const OLD = { remove_node: null, generic: 6, mi: 7, sync_request: 9, sync: 10, sync_end: 11, tag_active: 12 };
const NEW = { remove_node: 6, generic: 7, mi: 8, sync_request: 10, sync: 11, sync_end: 12, tag_active: 13 };

export const FAMILY_TRAITS: Readonly<Record<Family, FamilyTraits>> = {
  C1: { capabilitiesType: 8, capabilitiesHaveSequence: false, extraTypes: OLD, syncVersion: 1 },
  C2: { capabilitiesType: 8, capabilitiesHaveSequence: false, extraTypes: OLD, syncVersion: 2 },
  C3: { capabilitiesType: 8, capabilitiesHaveSequence: true, extraTypes: OLD, syncVersion: 2 },
  D1: { capabilitiesType: 9, capabilitiesHaveSequence: false, extraTypes: NEW, syncVersion: 2 },
  D2: { capabilitiesType: 9, capabilitiesHaveSequence: true, extraTypes: NEW, syncVersion: 2 },
  E: { capabilitiesType: 9, capabilitiesHaveSequence: true, extraTypes: NEW, syncVersion: 3 },
};
