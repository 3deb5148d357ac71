import type { Family } from '../cluster/family.js';

const USRLOC: Readonly<Record<Family, number>> = { C1: 2, C2: 2, C3: 3, D1: 3, D2: 3, E: 3 };

/** C1 and C2 contain releases 2.4, which send version 1, and 3.0, which accept 2 only; the family does not tell them apart. */
const DIALOG: Readonly<Record<Family, number>> = { C1: 2, C2: 2, C3: 4, D1: 4, D2: 4, E: 4 };

/**
 * Returns the version to send to a machine that has sent no packet of `module` yet, from its wire family: one that most of the family's
 * releases accept. 1 for modules that have only one version.
 */
export function safeVersion(module: string, family: Family): number {
  if (module === 'usrloc-contact-repl') return USRLOC[family];
  return module === 'dialog-dlg-repl' ? DIALOG[family] : 1;
}
