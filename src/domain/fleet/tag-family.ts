import type { Family } from '../../wire/cluster/family.js';
import type { Peer } from './peer.js';

/** Release 2.4 does not announce these. */
const FROM_3_0: readonly string[] = ['dispatcher-status-repl', 'cachedb-local-repl', 'b2be-entities-repl', 'pua'];

/** The newest versions of packets of release 2.4 (docs/protocol.md). */
const NEWEST_OF_2_4: Readonly<Record<string, number>> = { 'usrloc-contact-repl': 2, 'dialog-dlg-repl': 1 };

/**
 * Returns the family in which a machine gets messages about tags; null while its family is not known; `none` if its release has no tags (G2).
 * The families C1 and C2 are those of release 2.4, which has none, and of some of 3.0 and 3.1.
 */
export function tagFamilyOf(peer: Peer): Family | null | 'none' {
  if (peer.saidTagIn !== null) return peer.family ?? peer.saidTagIn;
  const family = peer.writtenIn;
  if (family !== 'C1' && family !== 'C2') return family;
  for (const [name] of peer.capabilities) if (FROM_3_0.includes(name)) return family;
  for (const [name, newest] of Object.entries(NEWEST_OF_2_4)) if (peer.versions.last(name) > newest) return family;
  return 'none';
}
