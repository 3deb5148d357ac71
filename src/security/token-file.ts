import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Tokens } from './tokens.js';

/** How often the file is looked at. */
const LOOK_MS = 500;

/** No list of tokens is larger: something else is at that path. */
const LARGEST_FILE_BYTES = 2 ** 20;

/**
 * Reads CLUSTERER_TOKENS: a list, or `@` and the path of a file; a relative one starts at the
 * working directory.
 * @throws Error that says what is wrong and where, never with a hash
 */
export function readTokens(value: string): Tokens {
  if (!value.startsWith('@')) return new Tokens(value);
  const file = resolve(value.slice(1).trim());
  try {
    checkFile(statSync(file));
    return new Tokens(readFileSync(file, 'utf8'), file);
  } catch (error) {
    throw new Error(`names the file ${file}, which cannot be used: ${reasonOf(error)}`);
  }
}

/** What is said of the file while it is followed. */
export interface TokenFileEvents {
  /** A changed list is in force. */
  changed(): void;
  /** The file cannot be used, and the last good list stays in force. Told once for each fault. */
  broken(reason: string): void;
}

/** A file that is followed. */
export interface FollowedTokenFile {
  /** Takes the file as it is now, and tells of a fault again: somebody says that it is complete. */
  readNow(): Promise<void>;
  stop(): void;
}

/**
 * Takes up what the file is changed to, however that is done: its text is what is compared, so that a rename, a swapped link and two
 * changes within one tick of its time are all the same. A text counts when it was read twice: none is taken half-written.
 */
export function followTokenFile(tokens: Tokens, file: string, events: TokenFileEvents): FollowedTokenFile {
  let lastRead: string | null = null;
  let lastTried: string | null = null;
  let unreadable: string | null = null;

  const look = async (): Promise<void> => {
    const text = await readText(file);
    unreadable = null;
    const settled = text === lastRead;
    lastRead = text;
    if (settled && text !== lastTried) take(text);
  };
  const take = (text: string): void => {
    lastTried = text;
    if (tokens.replace(text)) events.changed();
  };
  const tell = (error: unknown): void => {
    const reason = reasonOf(error);
    if (reason !== unreadable) events.broken(reason);
    unreadable = reason;
  };

  let stopped = false;
  const lookLater = (): void => {
    if (!stopped) setTimeout(() => void look().catch(tell).then(lookLater), LOOK_MS).unref();
  };
  lookLater();
  return {
    readNow: async () => {
      unreadable = null;
      await readText(file).then(take).catch(tell);
    },
    stop: () => {
      stopped = true;
    },
  };
}

async function readText(file: string): Promise<string> {
  checkFile(await stat(file));
  return readFile(file, 'utf8');
}

function checkFile(found: { isFile(): boolean; readonly size: number }): void {
  if (!found.isFile()) throw new Error('it is no file');
  if (found.size > LARGEST_FILE_BYTES) throw new Error(`it has more than ${LARGEST_FILE_BYTES} bytes`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
