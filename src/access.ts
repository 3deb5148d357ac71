import { createHash } from 'node:crypto';
import { ServiceError } from './errors.js';
import { ROLES } from './schemas/caller.js';

export type Role = (typeof ROLES)[number];

/** Who makes a request: the name of the token and its role. */
export interface Caller {
  readonly name: string | null;
  readonly role: Role;
}

/** @throws `forbidden`, naming the role that is missing */
export function requireRole(caller: Caller, needed: Role): void {
  if (ROLES.indexOf(caller.role) >= ROLES.indexOf(needed)) return;
  throw new ServiceError('forbidden', `This needs a token of the role ${needed}; yours has ${caller.role}.`);
}

/** While no tokens are configured, which only a loopback address allows, everyone may do all. */
const EVERYONE: Caller = { name: null, role: 'operate' };

/** The access tokens. Only their SHA-256 is held, and looked up by it: finding one tells nothing of another. */
export class Tokens {
  private readonly callers = new Map<string, Caller>();

  /**
   * @param list `name:role:sha256` entries, comma-separated; empty for none
   * @throws Error that names the entry (never its hash) when one is malformed
   */
  constructor(list: string) {
    for (const entry of list.split(',').map((part) => part.trim())) {
      if (entry !== '') this.add(entry);
    }
  }

  get required(): boolean {
    return this.callers.size > 0;
  }

  /** Null when the token is none of ours; without any tokens everyone is welcome. */
  caller(token: string | null): Caller | null {
    if (!this.required) return EVERYONE;
    if (token === null) return null;
    return this.callers.get(createHash('sha256').update(token, 'utf8').digest('hex')) ?? null;
  }

  private add(entry: string): void {
    const [name = '', role = '', hash = '', ...rest] = entry.split(':');
    const known = ROLES.find((one) => one === role);
    if (name === '' || rest.length > 0) throw new Error('each entry is name:role:sha256');
    if (known === undefined) throw new Error(`the role of ${JSON.stringify(name)} is none of ${ROLES.join(', ')}`);
    if (!/^[0-9a-f]{64}$/i.test(hash)) throw new Error(`the sha256 of ${JSON.stringify(name)} is not 64 hex digits`);
    this.callers.set(hash.toLowerCase(), { name, role: known });
  }
}
