import { etagOf } from './etag.js';

/** A list as it is sent. */
export interface CachedList {
  readonly body: string | Buffer;
  readonly etag: string;
}

/** Few lists are usual: one for each filter and page in use. When they need more than this, all are dropped. */
const MAX_BYTES = 2 ** 24;

/** Node sends a text with the head of its response. Up to this many bytes, that is faster than to send bytes after the head. */
const LONGEST_TEXT_BYTES = 2 ** 13;

/** What a list takes besides its key and its body; an estimate. */
const ENTRY_BYTES = 200;

/** Keeps lists until a machine changes. Most clients poll, and get the same list again. */
export class ListCache {
  private readonly lists = new Map<string, CachedList>();
  private bytes = 0;
  private version = 0;

  /** Returns the list with this key, unless machines have changed since: `version` rises with each change. */
  find(key: string, version: number): CachedList | undefined {
    if (version !== this.version) this.clear();
    this.version = version;
    return this.lists.get(key);
  }

  /** Adds a list of the version that `find` was last called with. Call `find` first. */
  add(key: string, list: CachedList): void {
    const size = ENTRY_BYTES + key.length + list.body.length;
    if (this.bytes + size > MAX_BYTES) this.clear();
    this.lists.set(key, list);
    this.bytes += size;
  }

  private clear(): void {
    this.lists.clear();
    this.bytes = 0;
  }
}

export function listOf(text: string): CachedList {
  const bytes = Buffer.from(text);
  return { body: bytes.length > LONGEST_TEXT_BYTES ? bytes : text, etag: etagOf(bytes) };
}
