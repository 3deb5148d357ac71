import { createHash, randomBytes } from 'node:crypto';
import { Tokens } from './tokens.js';

/** 192 bits. */
const SECRET_BYTES = 24;

/**
 * A new token: the secret for its holder, and the entry for CLUSTERER_TOKENS, which contains only its hash.
 * @throws Error that says what is wrong with the name or the role
 */
export function newToken(name: string, role: string): { readonly token: string; readonly entry: string } {
  const token = randomBytes(SECRET_BYTES).toString('base64url');
  const entry = `${name}:${role}:${createHash('sha256').update(token, 'utf8').digest('hex')}`;
  // Throws if the list would refuse the entry.
  new Tokens(entry);
  return { token, entry };
}
