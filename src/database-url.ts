import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Provider = 'sqlite' | 'postgresql' | 'mysql';

/** A database as CLUSTERER_DB_URL names it. */
export interface DatabaseTarget {
  readonly provider: Provider;
  /** For people: which database, without user and password. */
  readonly place: string;
  /** For the driver. An absolute `file:` URL for SQLite, with its `busy_timeout` where one was given. */
  readonly url: string;
}

const SCHEMES: Readonly<Record<string, Provider>> = {
  'file:': 'sqlite',
  'sqlite:': 'sqlite',
  'postgres:': 'postgresql',
  'postgresql:': 'postgresql',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
};

/**
 * Reads CLUSTERER_DB_URL (contract, section 2): `file:./x.db`, OpenSIPS's `sqlite:///abs/path` and `sqlite://relative`,
 * `postgres(ql)://…`, `mysql://…`, `mariadb://…`. Relative paths start at the working directory. `?busy_timeout=` says for
 * how many milliseconds a statement waits for another process's lock on a SQLite file.
 * @throws {Error} that names the variable and never repeats the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  const provider = SCHEMES[scheme];
  if (provider === undefined) {
    throw new Error(`CLUSTERER_DB_URL must begin with one of ${Object.keys(SCHEMES).join(', ')}.`);
  }
  return provider === 'sqlite' ? sqliteFile(url.slice(scheme.length)) : server(provider, url);
}

function sqliteFile(location: string): DatabaseTarget {
  const path = decodePath(location.replace(/[?#].*$/, '').replace(/^\/\//, ''));
  if (path === '' || path === ':memory:' || path.endsWith('/')) {
    throw new Error('CLUSTERER_DB_URL must name a file, such as file:./data/clusterer.db.');
  }
  const file = resolve(path);
  const url = pathToFileURL(file);
  const busyTimeout = new URLSearchParams(/\?([^#]*)/.exec(location)?.[1]).get('busy_timeout');
  if (busyTimeout !== null) {
    if (!/^\d{1,9}$/.test(busyTimeout)) throw new Error('CLUSTERER_DB_URL must have milliseconds as its busy_timeout.');
    url.searchParams.set('busy_timeout', busyTimeout);
  }
  return { provider: 'sqlite', place: `the SQLite file ${file}`, url: url.href };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new Error('CLUSTERER_DB_URL holds a % that begins no two hex digits: write it as %25.');
  }
}

function server(provider: 'postgresql' | 'mysql', text: string): DatabaseTarget {
  const url = parseServerUrl(text);
  if (provider === 'mysql' && url.pathname.length < 2) {
    throw new Error('CLUSTERER_DB_URL must name the database at its end: mysql://user:password@host:3306/database.');
  }
  const [product, defaultPort] = provider === 'mysql' ? ['MySQL', 3306] : ['PostgreSQL', 5432];
  const host = url.hostname === '' ? 'localhost' : url.hostname;
  return { provider, place: `${product} at ${host}:${url.port === '' ? defaultPort : url.port}`, url: url.href };
}

function parseServerUrl(text: string): URL {
  try {
    const url = new URL(text);
    decodeURIComponent(url.username + url.password + url.pathname);
    return url;
  } catch {
    // The original error repeats its input, password included.
    throw new Error(
      'CLUSTERER_DB_URL is no valid URL. Write scheme://user:password@host:port/database, with special characters of user and password percent-encoded (@ as %40, / as %2F, # as %23, % as %25).',
    );
  }
}
