import { createHash } from 'node:crypto';
import { ServiceError } from '../ground/errors.js';
import { messageOf } from '../ground/message-of.js';
import { ROLES } from '../schemas/values.js';

export type Role = (typeof ROLES)[number];

/** The sender of a request: the name of its token, and the role. One object per token, as long as the token is in force. */
export interface Caller {
  readonly name: string | null;
  readonly role: Role;
}

function reaches(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** @throws `forbidden`, which names the missing role */
export function requireRole(caller: Caller, needed: Role): void {
  if (reaches(caller.role, needed)) return;
  throw new ServiceError('forbidden', `This requires a token with the role ${needed}; yours has ${caller.role}.`);
}

/** Without tokens, which only a loopback address allows, everyone has full access. */
const EVERYONE: Caller = { name: null, role: 'operate' };

/** The holder of a configured token. */
interface Holder {
  readonly name: string;
  role: Role;
}

/** Holders by the SHA-256 of their token in hex. The token itself is never stored. */
type Entries = ReadonlyMap<string, Holder>;

/** The access tokens in force. Two entries may have the same name, so that a token can be replaced without a gap. */
export class Tokens {
  private entries: Entries;
  private holders: ReadonlySet<Caller>;
  private readonly listeners: (() => void)[] = [];

  /**
   * @param list `name:role:sha256` entries: comma-separated, or the text of a file with one entry a line and `#` comments
   * @param file the source of the list; a configured token file enables authentication even when it is empty
   * @throws Error that names a malformed entry, never its hash
   */
  constructor(
    list: string,
    readonly file: string | null = null,
  ) {
    this.entries = file === null ? fromVariable(list) : fromFile(list);
    this.holders = new Set(this.entries.values());
  }

  get required(): boolean {
    return this.file !== null || this.entries.size > 0;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Null for an unknown token, and for none where tokens are required. */
  caller(token: string | null): Caller | null {
    if (!this.required) return EVERYONE;
    if (token === null) return null;
    // The time of the lookup depends on the digest only, which a client cannot choose bit by bit.
    return this.entries.get(sha256(token)) ?? null;
  }

  /** Whether the caller's token is still in the list, with at least the same role. */
  inForce(caller: Caller): boolean {
    return !this.required || this.holders.has(caller);
  }

  /** Called after every change of the list. Callers that are no longer `inForce` must be disconnected. */
  onReplaced(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Uses the new text of the file. A higher role applies to existing callers at once; for a lower one they are no longer in force.
   * @returns whether the list has changed
   * @throws Error as the constructor does; the list is then unchanged
   */
  replace(text: string): boolean {
    const next = fromFile(text);
    if (sameList(next, this.entries)) return false;
    this.entries = new Map([...next].map(([digest, holder]) => [digest, this.currentHolder(digest, holder) ?? holder]));
    this.holders = new Set(this.entries.values());
    for (const listener of this.listeners) listener();
    return true;
  }

  private currentHolder(digest: string, { name, role }: Holder): Holder | undefined {
    const old = this.entries.get(digest);
    if (old?.name !== name || !reaches(role, old.role)) return undefined;
    old.role = role;
    return old;
  }
}

function sha256(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

function sameList(some: Entries, others: Entries): boolean {
  const isInOthers = ([digest, { name, role }]: [string, Holder]) => {
    const other = others.get(digest);
    return other?.name === name && other.role === role;
  };
  return some.size === others.size && [...some].every(isInOthers);
}

function fromVariable(list: string): Entries {
  const texts = list.split(',').map((text) => text.trim());
  return distinct(texts.filter((text) => text !== '').map(entryOf));
}

function fromFile(text: string): Entries {
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
      throw new Error(`line ${index + 1}: ${messageOf(error)}`);
    }
  }
  return distinct(entries);
}

type Entry = readonly [digest: string, holder: Holder];

/** Errors repeat the name only: with the parts in the wrong order, any other part may be the secret. */
function entryOf(text: string): Entry {
  const [name = '', role = '', hash = '', ...rest] = text.split(':').map((part) => part.trim());
  if (hash === '' || rest.length > 0) throw new Error('each entry is name:role:sha256');
  if (!/^[\p{L}\p{N}_.@-]{1,64}$/u.test(name)) {
    throw new Error('a name is 1 to 64 letters, digits and _ . @ -');
  }
  const known = ROLES.find((one) => one === role);
  if (known === undefined) throw new Error(`the role of ${JSON.stringify(name)} is not one of ${ROLES.join(', ')}`);
  if (!/^[0-9a-f]{64}$/i.test(hash)) throw new Error(`the sha256 of ${JSON.stringify(name)} is not 64 hex digits`);
  return [hash.toLowerCase(), { name, role: known }];
}

/** With two entries for one token it would be unclear which one applies. */
function distinct(entries: readonly Entry[]): Entries {
  const holders = new Map<string, Holder>();
  for (const [digest, holder] of entries) {
    const twin = holders.get(digest);
    if (twin !== undefined) {
      const names = `${JSON.stringify(twin.name)} and ${JSON.stringify(holder.name)}`;
      throw new Error(`the entries ${names} have the same sha256: keep one of them`);
    }
    holders.set(digest, holder);
  }
  return holders;
}
