import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Server, splitOptions } from './database-options.js';
import { parseServerUrl, type ServerTarget } from './database-server.js';

export type Provider = 'sqlite' | Server;

/** A SQLite file. */
export interface FileTarget {
  readonly provider: 'sqlite';
  /** How messages name the database. */
  readonly label: string;
  /** Absolute. */
  readonly file: string;
  /** For the driver: a `file:` URL, with `busy_timeout` if it was given. */
  readonly url: string;
  /** Whether a missing file is created. */
  readonly create: boolean;
}

/** A database as CLUSTERER_DB_URL names it. */
export type DatabaseTarget = FileTarget | ServerTarget;

/** The default of CLUSTERER_DB_URL. */
export const DEFAULT_DATABASE = 'file:./data/clusterer.db';

const SCHEMES: Readonly<Record<string, Provider>> = {
  'file:': 'sqlite',
  'sqlite:': 'sqlite',
  'postgres:': 'postgresql',
  'postgresql:': 'postgresql',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
};

/**
 * Reads CLUSTERER_DB_URL: `file:./x.db`, OpenSIPS's `sqlite:///abs/path` and `sqlite://relative`, `postgres(ql)://…`, `mysql://…`,
 * `mariadb://…`, also with OpenSIPS's `unix(/path)` as the host. Relative paths start at the working directory. Certificate files are read.
 * @throws {Error} that names the variable and never repeats the URL, which may contain a password
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  const provider = SCHEMES[scheme];
  if (provider === undefined) {
    throw new Error(`CLUSTERER_DB_URL must begin with one of ${Object.keys(SCHEMES).join(', ')}.`);
  }
  return provider === 'sqlite' ? sqliteFile(url.slice(scheme.length)) : parseServerUrl(provider, url);
}

function sqliteFile(location: string): FileTarget {
  if (location.includes('#')) throw new Error('CLUSTERER_DB_URL contains a #: write it as %23.');
  const [encoded = '', search = ''] = location.replace(/^\/\//, '').split(/\?(.*)/s);
  const path = decodePath(encoded);
  if (path === '' || path === ':memory:' || path.endsWith('/')) {
    throw new Error('CLUSTERER_DB_URL must name a file, such as file:./data/clusterer.db.');
  }
  const file = resolve(path);
  const url = pathToFileURL(file);
  const options = splitOptions(search, 'SQLite', (name) => name === 'busy_timeout' || name === 'mode');
  const busyTimeout = options.get('busy_timeout');
  if (busyTimeout !== undefined) {
    if (!/^\d{1,9}$/.test(busyTimeout))
      throw new Error('CLUSTERER_DB_URL: busy_timeout must be a number of milliseconds.');
    url.searchParams.set('busy_timeout', busyTimeout);
  }
  const mode = options.get('mode') ?? 'rwc';
  if (mode !== 'rw' && mode !== 'rwc') {
    throw new Error('CLUSTERER_DB_URL: mode must be rwc (create a missing file) or rw (do not).');
  }
  return { provider: 'sqlite', label: `the SQLite file ${file}`, file, url: url.href, create: mode === 'rwc' };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new Error('CLUSTERER_DB_URL contains a % without two hex digits after it: write it as %25.');
  }
}
