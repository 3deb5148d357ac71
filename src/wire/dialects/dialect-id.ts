/** The two BIN layouts (docs/protocol.md): that of OpenSIPS 2.2, and that of OpenSIPS 2.4 to 4.0. */
export const DIALECTS = ['2.2', '2.4'] as const;
export type DialectId = (typeof DIALECTS)[number];
