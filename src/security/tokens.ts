import { createHash } from 'node:crypto';
import { ServiceError } from '../ground/errors.js';
import { ROLES } from '../schemas/caller.js';

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

/** Whom a configured token lets in. */
interface Holder {
  readonly name: string;
  role: Role;
}

/** Holders by the SHA-256 of their token, in hex: nothing else of a token is ever kept. */
type Entries = ReadonlyMap<string, Holder>;

/** The access tokens in force. A name may stand more than once, so that a token can be replaced without a gap. */
export class Tokens {
  private entries: Entries;
  private holders: ReadonlySet<Caller>;
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
    this.holders = new Set(this.entries.values());
  }

  get required(): boolean {
    return this.file !== null || this.entries.size > 0;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Null when the token is none of ours; without any tokens everyone is welcome. */
  caller(token: string | null): Caller | null {
    if (!this.required) return EVERYONE;
    if (token === null) return null;
    // How long the search takes depends on the digest alone, which nobody can choose bit by bit.
    return this.entries.get(sha256(token)) ?? null;
  }

  /** Whether the token that this caller came with is still in the list, with as great a role. */
  inForce(caller: Caller): boolean {
    return !this.required || this.holders.has(caller);
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
    this.entries = new Map([...next].map(([digest, holder]) => [digest, this.kept(digest, holder) ?? holder]));
    this.holders = new Set(this.entries.values());
    for (const listener of this.listeners) listener();
    return true;
  }

  private kept(digest: string, { name, role }: Holder): Holder | undefined {
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
      throw new Error(`line ${index + 1}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return distinct(entries);
}

type Entry = readonly [digest: string, holder: Holder];

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
  return [hash.toLowerCase(), { name, role: known }];
}

/** Two entries of one token would leave open which of them counts. */
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
