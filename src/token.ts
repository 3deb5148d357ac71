import { createHash, randomBytes } from 'node:crypto';
import { Tokens } from './access.js';
import { ROLES } from './schemas/caller.js';

/** Nobody guesses one of so many. */
const SECRET_BYTES = 24;

/**
 * A new token, for `npm run token -- NAME ROLE`: what its holder sends, and the entry of CLUSTERER_TOKENS that knows only its hash.
 * @throws Error that says what is wrong with the name or the role
 */
export function newToken(name: string, role: string): { readonly token: string; readonly entry: string } {
  const token = randomBytes(SECRET_BYTES).toString('base64url');
  const entry = `${name}:${role}:${createHash('sha256').update(token, 'utf8').digest('hex')}`;
  // What the list would refuse is refused here.
  new Tokens(entry);
  return { token, entry };
}

function main([name, role, ...more]: readonly string[]): void {
  if (name === undefined || role === undefined || more.length > 0) {
    throw new Error(`usage: npm run token -- NAME ROLE, the role being one of ${ROLES.join(', ')}`);
  }
  const { token, entry } = newToken(name, role);
  process.stdout.write(`token, for ${name} alone, shown this once:  ${token}\n`);
  process.stdout.write(`entry, for CLUSTERER_TOKENS or its file:  ${entry}\n`);
}

if (require.main === module) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`clusterer: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
