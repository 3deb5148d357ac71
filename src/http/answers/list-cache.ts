import { etagOf } from './etag.js';

/** A list as it goes out. */
export interface KeptList {
  readonly body: string | Buffer;
  readonly etag: string;
}

/**
 * Node writes a text with its head by one plain call, from memory of its own up to 16 KiB; bytes go beside their head, which costs a
 * microsecond more, but are not encoded again each time.
 */
const LONGEST_TEXT_BYTES = 2 ** 13;

/** Lists of different filters and pages are few; whoever asks for more of them than this at once has each made anew. */
const MOST_BYTES = 2 ** 24;

/** What a list takes beside its name and its body; an estimate. */
const ENTRY_BYTES = 200;

/** Lists that were asked for, as long as no machine changes: most ask again for what they know already. */
export class KeptLists {
  private readonly lists = new Map<string, KeptList>();
  private bytes = 0;
  private version = 0;

  /** The list kept under this name when machines were last changed at `version`, if there is one. */
  find(name: string, version: number): KeptList | undefined {
    if (version !== this.version) this.clear();
    this.version = version;
    return this.lists.get(name);
  }

  /** Keeps a list of the version last looked for, unless passing time changes it too. */
  add(name: string, text: string, keep: boolean): KeptList {
    const bytes = Buffer.from(text);
    const list = { body: bytes.length > LONGEST_TEXT_BYTES ? bytes : text, etag: etagOf(bytes) };
    if (!keep) return list;
    const size = ENTRY_BYTES + name.length + bytes.length;
    if (this.bytes + size > MOST_BYTES) this.clear();
    this.lists.set(name, list);
    this.bytes += size;
    return list;
  }

  private clear(): void {
    this.lists.clear();
    this.bytes = 0;
  }
}
