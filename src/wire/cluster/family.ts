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
