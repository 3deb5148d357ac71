import { resolve } from 'node:path';
import { messageOf } from '../ground/message-of.js';
import type { Log } from '../ground/ports.js';
import { FileWatcher } from './file-watcher.js';
import { readText, readTextSync } from './text-file.js';
import { Tokens } from './tokens.js';

/**
 * Reads CLUSTERER_TOKENS: a list, or `@` and the path of a file, relative to the working directory.
 * @throws Error that says what is wrong and where, never with a hash
 */
export function readTokens(value: string): Tokens {
  if (!value.startsWith('@')) return new Tokens(value);
  const file = resolve(value.slice(1).trim());
  try {
    return new Tokens(readTextSync(file), file);
  } catch (error) {
    throw new Error(`names the file ${file}, which cannot be used: ${messageOf(error)}`);
  }
}

/** Keeps the tokens equal to their file. While the file cannot be used, the previous tokens stay in force. */
export function watchTokenFile(tokens: Tokens, log: Log): FileWatcher {
  const { file } = tokens;
  const handlers = {
    apply: (texts: readonly string[]) => {
      if (texts.some((text) => tokens.replace(text))) log.info({ file, tokens: tokens.size }, 'token file reloaded');
    },
    failed: (reason: string) => log.error({ file, reason }, 'token file unusable; keeping the previous tokens'),
  };
  const watcher = new FileWatcher(file === null ? [] : [file], handlers, readText);
  watcher.start();
  return watcher;
}
