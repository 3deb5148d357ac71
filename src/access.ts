import { createHash, timingSafeEqual } from 'node:crypto';
import { ServiceError } from './errors.js';
import { ROLES } from './schemas/caller.js';

export type Role = (typeof ROLES)[number];

/** Who makes a request: the name of the token and its role. The same object for as long as its token is in force. */
export interface Caller {
  readonly name: string | null;
  readonly role: Role;
}

function reaches(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** @throws `forbidden`, naming the role that is missing */
export function requireRole(caller: Caller, needed: Role): void {
  if (reaches(caller.role, needed)) return;
  throw new ServiceError('forbidden', `This needs a token of the role ${needed}; yours has ${caller.role}.`);
}

/** While no tokens are configured, which only a loopback address allows, everyone may do all. */
const EVERYONE: Caller = { name: null, role: 'operate' };

/** A token as it is configured: only its SHA-256 is ever held. */
interface Entry {
  readonly digest: Buffer;
  readonly caller: { readonly name: string; role: Role };
}

/** The access tokens in force. A name may stand more than once, so that a token can be replaced without a gap. */
export class Tokens {
  private entries: readonly Entry[];
  private readonly listeners: (() => void)[] = [];

  /**
   * @param list `name:role:sha256` entries: comma-separated, or the text of a file, one a line with `#` comments
   * @param file the file it came from; who names one wants tokens asked for, also while it holds none
   * @throws Error that names the entry (never its hash) when one is malformed
   */
  constructor(
    list: string,
    readonly file: string | null = null,
  ) {
    this.entries = file === null ? fromVariable(list) : fromFile(list);
  }

  get required(): boolean {
    return this.file !== null || this.entries.length > 0;
  }

  get size(): number {
    return this.entries.length;
  }

  /** Null when the token is none of ours; without any tokens everyone is welcome. */
  caller(token: string | null): Caller | null {
    if (!this.required) return EVERYONE;
    if (token === null) return null;
    const digest = createHash('sha256').update(token, 'utf8').digest();
    let found: Caller | null = null;
    // All of them, each in constant time: how long it takes tells nothing of what is in the list.
    for (const entry of this.entries) if (timingSafeEqual(entry.digest, digest)) found = entry.caller;
    return found;
  }

  /** Whether the token that this caller came with is still in the list, with as great a role. */
  inForce(caller: Caller): boolean {
    return !this.required || this.entries.some((entry) => entry.caller === caller);
  }

  /** Called after every `replace`: whoever is no longer `inForce` must go. */
  onReplaced(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Takes the file's new text. A greater role holds at once for who is here; a smaller one is a new caller.
   * @returns whether it is another list than before
   * @throws Error as the constructor does; the list is then as it was
   */
  replace(text: string): boolean {
    const next = fromFile(text);
    if (sameList(next, this.entries)) return false;
    this.entries = next.map((entry) => this.kept(entry) ?? entry);
    for (const listener of this.listeners) listener();
    return true;
  }

  private kept({ digest, caller }: Entry): Entry | undefined {
    const old = this.entries.find((entry) => entry.digest.equals(digest) && entry.caller.name === caller.name);
    if (old === undefined || !reaches(caller.role, old.caller.role)) return undefined;
    old.caller.role = caller.role;
    return old;
  }
}

function sameList(some: readonly Entry[], others: readonly Entry[]): boolean {
  return some.length === others.length && some.every((entry, index) => sameEntry(entry, others[index]));
}

function sameEntry({ digest, caller }: Entry, other: Entry | undefined): boolean {
  return (
    other?.digest.equals(digest) === true && other.caller.name === caller.name && other.caller.role === caller.role
  );
}

function fromVariable(list: string): Entry[] {
  const texts = list.split(',').map((text) => text.trim());
  return distinct(texts.filter((text) => text !== '').map(entryOf));
}

function fromFile(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const entry = line.replace(/(^|\s)#.*$/, '').trim();
    if (entry === '') continue;
    try {
      entries.push(entryOf(entry));
    } catch (error) {
      throw new Error(`line ${index + 1}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return distinct(entries);
}

/** Nothing is repeated but a name: who mixes up the order may have put anything anywhere else. */
function entryOf(text: string): Entry {
  const [name = '', role = '', hash = '', ...rest] = text.split(':').map((part) => part.trim());
  if (hash === '' || rest.length > 0) throw new Error('each entry is name:role:sha256');
  if (!/^[\p{L}\p{N}_.@-]{1,64}$/u.test(name)) {
    throw new Error('a name is 1 to 64 letters, digits and _ . @ -');
  }
  const known = ROLES.find((one) => one === role);
  if (known === undefined) throw new Error(`the role of ${JSON.stringify(name)} is none of ${ROLES.join(', ')}`);
  if (!/^[0-9a-f]{64}$/i.test(hash)) throw new Error(`the sha256 of ${JSON.stringify(name)} is not 64 hex digits`);
  return { digest: Buffer.from(hash, 'hex'), caller: { name, role: known } };
}

/** Two entries of one token would leave open which of them counts. */
function distinct(entries: Entry[]): Entry[] {
  for (const [index, entry] of entries.entries()) {
    const twin = entries.slice(0, index).find(({ digest }) => digest.equals(entry.digest));
    if (twin === undefined) continue;
    const names = `${JSON.stringify(twin.caller.name)} and ${JSON.stringify(entry.caller.name)}`;
    throw new Error(`the entries ${names} have the same sha256: keep one of them`);
  }
  return entries;
}
