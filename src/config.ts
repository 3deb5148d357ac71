import ipaddr from 'ipaddr.js';
import { Tokens } from './access.js';
import { canonicalIp } from './wire/address.js';

/** One environment variable. `read` throws an Error whose message says what the value must be. */
interface Variable<T> {
  readonly name: string;
  /** What it is when it is not set, as text. */
  readonly fallback: string;
  readonly read: (text: string) => T;
  /** For people: README's table is held against it. */
  readonly meaning: string;
}

function variable<T>(name: string, fallback: string, read: (text: string) => T, meaning: string): Variable<T> {
  return { name: `CLUSTERER_${name}`, fallback, read, meaning };
}

function integer(smallest: number, largest: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= smallest && value <= largest) return value;
    throw new Error(`must be a whole number from ${smallest} to ${largest}`);
  };
}

const LARGEST_INT = 2 ** 31 - 1;
const port = integer(0, 65_535);
const count = integer(1, LARGEST_INT);
/** A duration in milliseconds that a Node timer can hold. */
const milliseconds = integer(1, LARGEST_INT);

function text(value: string): string {
  return value;
}

function switchedOn(value: string): boolean {
  if (value !== '0' && value !== '1') throw new Error('must be 0 or 1');
  return value === '1';
}

function name(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Error('must not hold control characters');
  return value;
}

const DATABASE_SCHEMES = ['file:', 'sqlite:', 'postgres:', 'postgresql:', 'mysql:', 'mariadb:'];

function databaseUrl(value: string): string {
  if (DATABASE_SCHEMES.some((scheme) => value.toLowerCase().startsWith(scheme))) return value;
  throw new Error(`must start with one of ${DATABASE_SCHEMES.join(' ')}`);
}

function networks(value: string): string[] {
  const list = value.split(',').map((entry) => entry.trim());
  const entries = list.filter((entry) => entry !== '');
  const wrong = entries.find((entry) => !ipaddr.isValidCIDR(entry) && canonicalIp(entry) === null);
  if (wrong !== undefined)
    throw new Error(`must be networks as 10.0.0.0/8, comma-separated; ${JSON.stringify(wrong)} is none`);
  return entries;
}

function tokens(value: string): Tokens {
  return new Tokens(value);
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

function level(value: string): string {
  if (!LEVELS.includes(value)) throw new Error(`must be one of ${LEVELS.join(', ')}`);
  return value;
}

/** Every variable (contract, section 2). */
export const VARIABLES = {
  dbUrl: variable(
    'DB_URL',
    'file:./data/clusterer.db',
    databaseUrl,
    'the database: `file:` or `sqlite://`, `postgres://` or `postgresql://`, `mysql://` or `mariadb://`',
  ),
  dbTable: variable('DB_TABLE', 'clusterer', name, 'the table'),
  serverId: variable(
    'SERVER_ID',
    '0',
    integer(0, LARGEST_INT),
    "this service's machine id; only clusters with a row of it are loaded. 0: an observer, every cluster is loaded",
  ),
  persistent: variable(
    'PERSISTENT_MODE',
    '0',
    switchedOn,
    '1: changes of `state`, `no_tries` and `last_attempt` are written to the table; 0: these three are never written',
  ),
  clusterIdCol: variable('CLUSTER_ID_COL', 'cluster_id', name, 'column of the cluster id'),
  machineIdCol: variable('MACHINE_ID_COL', 'machine_id', name, 'column of the machine id'),
  clustererIdCol: variable(
    'CLUSTERER_ID_COL',
    'clusterer_id',
    name,
    'column of the primary key; `id` in tables of OpenSIPS 2.2',
  ),
  stateCol: variable('STATE_COL', 'state', name, 'column of the state'),
  urlCol: variable('URL_COL', 'url', name, 'column of the url'),
  descriptionCol: variable('DESCRIPTION_COL', 'description', name, 'column of the description'),
  failedAttemptsCol: variable('FAILED_ATTEMPTS_COL', 'failed_attempts', name, 'column of the limit of tries'),
  lastAttemptCol: variable('LAST_ATTEMPT_COL', 'last_attempt', name, 'column of the last failed attempt'),
  durationCol: variable('DURATION_COL', 'duration', name, 'column of the duration of a temporary disabling'),
  noTriesCol: variable('NO_TRIES_COL', 'no_tries', name, 'column of the tries'),
  syncIntervalMs: variable('SYNC_INTERVAL_MS', '1000', milliseconds, 'how long a change may wait before it is written'),
  httpHost: variable('HTTP_HOST', '127.0.0.1', text, 'where REST and WebSocket listen'),
  httpPort: variable('HTTP_PORT', '8080', port, 'their port; 0 picks a free one'),
  binHost: variable(
    'BIN_HOST',
    '127.0.0.1',
    text,
    'where BIN listens; a specific address is also where outgoing connections come from',
  ),
  binPort: variable('BIN_PORT', '5555', port, 'its port; 0 picks a free one'),
  binConnectTimeoutMs: variable(
    'BIN_CONNECT_TIMEOUT_MS',
    '1000',
    milliseconds,
    'how long a machine may take to accept a connection',
  ),
  binWriteTimeoutMs: variable(
    'BIN_WRITE_TIMEOUT_MS',
    '1000',
    milliseconds,
    'how long the kernel may take to accept a packet',
  ),
  binQueueBytes: variable('BIN_QUEUE_BYTES', '4194304', count, 'how much may wait for one machine'),
  binFrameTimeoutMs: variable('BIN_FRAME_TIMEOUT_MS', '5000', milliseconds, 'how long a received frame may stay half'),
  binIdleTimeoutSeconds: variable(
    'BIN_IDLE_TIMEOUT_SECONDS',
    '0',
    integer(0, 2_147_483),
    'silence after which an incoming connection is closed; 0: never',
  ),
  binMaxConnections: variable('BIN_MAX_CONNECTIONS', '1024', count, 'incoming BIN connections in total'),
  binMaxConnectionsPerSource: variable(
    'BIN_MAX_CONNECTIONS_PER_SOURCE',
    '64',
    count,
    'incoming BIN connections of one address',
  ),
  binAllow: variable('BIN_ALLOW', '', networks, 'networks that may connect to BIN, comma-separated; empty: all'),
  tokens: variable(
    'TOKENS',
    '',
    tokens,
    'access tokens `name:role:sha256`, comma-separated; empty only while `CLUSTERER_HTTP_HOST` is a loopback address',
  ),
  heartbeatSeconds: variable('WS_HEARTBEAT_SECONDS', '25', integer(1, 86_400), 'how often a socket is pinged'),
  pongTimeoutSeconds: variable(
    'WS_PONG_TIMEOUT_SECONDS',
    '10',
    integer(1, 86_400),
    'how long a client may take to answer a ping before it is closed with 4012',
  ),
  wsQueueBytes: variable(
    'WS_QUEUE_BYTES',
    '16777216',
    count,
    'how much may wait for one socket; past it, it is closed with 4008',
  ),
  logLevel: variable('LOG_LEVEL', 'info', level, `log level: ${LEVELS.join(', ')}`),
} as const;

type Variables = typeof VARIABLES;
export type Config = { readonly [K in keyof Variables]: ReturnType<Variables[K]['read']> };

/** The environment has faults: all of them, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(['The configuration has faults:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
  }
}

/**
 * Reads every variable. One that is set to nothing counts as not set. No value is repeated in a fault: it may be a secret.
 * @throws ConfigError with all faults
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, { name, fallback, read }] of Object.entries(VARIABLES)) {
    try {
      values[key] = read(env[name]?.trim() || fallback);
    } catch (error) {
      faults.push(`${name} ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // Each key was read by its own variable; a fault leaves the whole unused.
  const config = values as Config;
  if (config.tokens && config.httpHost && !config.tokens.required && !isLoopback(config.httpHost)) {
    faults.push(
      `CLUSTERER_TOKENS must be set while CLUSTERER_HTTP_HOST is not a loopback address: everyone who can reach it could do all`,
    );
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Variables of our prefix that nobody reads: probably mistyped. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set<string>(Object.values(VARIABLES).map((one) => one.name));
  return Object.keys(env).filter((key) => key.startsWith('CLUSTERER_') && !known.has(key));
}

function isLoopback(host: string): boolean {
  const ip = canonicalIp(host);
  return host === 'localhost' || (ip !== null && ipaddr.parse(ip).range() === 'loopback');
}
