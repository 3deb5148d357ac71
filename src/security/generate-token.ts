import { createHash, randomBytes } from 'node:crypto';
import { Tokens } from './tokens.js';

/** Nobody guesses one of so many. */
const SECRET_BYTES = 24;

/**
 * A new token: what its holder sends, and the entry of CLUSTERER_TOKENS that knows only its hash.
 * @throws Error that says what is wrong with the name or the role
 */
export function newToken(name: string, role: string): { readonly token: string; readonly entry: string } {
  const token = randomBytes(SECRET_BYTES).toString('base64url');
  const entry = `${name}:${role}:${createHash('sha256').update(token, 'utf8').digest('hex')}`;
  // What the list would refuse is refused here.
  new Tokens(entry);
  return { token, entry };
}
