import { formatAddress } from '../wire/address.js';
import { type DriverOptions, driverOptions, isServerOption, type Server, splitOptions } from './database-options.js';
import { type DatabaseTls, readTls } from './database-tls.js';

/** A database on a server. */
export interface ServerTarget {
  readonly provider: Server;
  /** How messages name the database: without user and password. */
  readonly label: string;
  /** With `isSocket`: the path of the Unix socket, for PostgreSQL its folder. */
  readonly host: string;
  readonly isSocket: boolean;
  readonly port: number;
  /** The driver takes missing values from its own environment variables. */
  readonly login: { readonly user?: string; readonly password?: string; readonly database?: string };
  /** PostgreSQL only. */
  readonly schema?: string;
  /** Null when the URL has no TLS option. */
  readonly tls: DatabaseTls | null;
  readonly options: DriverOptions;
}

const PRODUCTS = {
  postgresql: { name: 'PostgreSQL', port: 5432 },
  mysql: { name: 'MySQL', port: 3306 },
} as const;

const FORM =
  'Write scheme://user:password@host:port/database, with special characters of user and password percent-encoded ' +
  '(@ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25).';

/** OpenSIPS's form of a Unix socket, which is not a valid URL. */
const UNIX_HOST = /^([a-z]+:\/\/(?:[^@/?#]*@)?)unix\((\/[^()]*)\)(.*)$/is;

/** @throws {Error} like `parseDatabaseUrl` */
export function parseServerUrl(provider: Server, text: string): ServerTarget {
  const [, before = '', socket, after = ''] = UNIX_HOST.exec(text) ?? [];
  const url = readUrl(socket === undefined ? text : `${before}localhost${after}`);
  const { name } = PRODUCTS[provider];
  const options = splitOptions(url.search, name, isServerOption(provider));
  for (const option of ['socket', 'socketPath']) {
    if (!(options.get(option) ?? '/').startsWith('/'))
      throw new Error(`CLUSTERER_DB_URL: ${option} must be an absolute path.`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (provider === 'mysql' && database === '') {
    throw new Error('CLUSTERER_DB_URL must name the database at its end: mysql://user:password@host:3306/database.');
  }
  const address = addressOf(provider, url, socket ?? options.get('socket') ?? options.get('socketPath'), options);
  const tls = readTls(options);
  if (address.isSocket && tls !== null && tls.mode !== 'disable' && tls.mode !== 'prefer') {
    throw new Error('CLUSTERER_DB_URL names a Unix socket, which has no TLS. Name a host, or remove the TLS options.');
  }
  const schema = options.get('schema');
  return {
    provider,
    label: address.isSocket
      ? `${name} at the socket ${address.host}`
      : `${name} at ${formatAddress(address.host, address.port)}`,
    ...address,
    login: {
      ...(url.username !== '' && { user: decodeURIComponent(url.username) }),
      ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
      ...(database !== '' && { database }),
    },
    ...(schema !== undefined && { schema }),
    tls: address.isSocket ? null : tls,
    options: driverOptions(provider, options),
  };
}

/** @throws {Error} that repeats no part of the URL: an apparent host or option may be the rest of a password */
function readUrl(text: string): URL {
  const [, authority, rest] = /^[a-z]+:\/\/([^/?#]*)(.*)$/is.exec(text) ?? [];
  // An unescaped / ? or # in a password ends the host part; then an @ follows it.
  const torn = authority === undefined || /@.*@/s.test(authority) || /[@#]/.test(rest ?? '');
  if (torn || /\p{Cc}/u.test(text)) throw new Error(`CLUSTERER_DB_URL is not a valid URL. ${FORM}`);
  try {
    const url = new URL(text);
    decodeURIComponent(url.username + url.password + url.hostname + url.pathname + url.search);
    return url;
  } catch {
    throw new Error(`CLUSTERER_DB_URL is not a valid URL. ${FORM}`);
  }
}

/** Host and port as options, and a path as the host, are libpq's. A path to the socket file is OpenSIPS's. */
function addressOf(
  provider: Server,
  url: URL,
  socket: string | undefined,
  options: ReadonlyMap<string, string>,
): Pick<ServerTarget, 'host' | 'port' | 'isSocket'> {
  const named = socket ?? (options.get('host') || decodeURIComponent(url.hostname));
  const [, folder, suffix] = /^(\/.*)\/\.s\.PGSQL\.(\d+)$/.exec(named) ?? [];
  const port = suffix || options.get('port') || url.port || PRODUCTS[provider].port;
  if (!/^\d{1,5}$/.test(String(port))) throw new Error('CLUSTERER_DB_URL: port must be a number.');
  const host = folder ?? (named.replace(/^\[(.*)\]$/, '$1') || 'localhost');
  return { host, port: Number(port), isSocket: host.startsWith('/') };
}
