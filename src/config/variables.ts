import { pairFault } from '../security/certificates.js';
import { readTokens } from '../security/token-file.js';
import { CLI_VARIABLES } from './cli-variables.js';
import { DEFAULT_DATABASE } from './database-url.js';
import {
  certificateFile,
  count,
  databaseUrl,
  integer,
  isLoopback,
  keyFile,
  LARGEST_INT,
  LEVELS,
  LOG_FORMATS,
  milliseconds,
  name,
  networks,
  oneOf,
  origins,
  port,
  portOrNone,
  switchedOn,
  tableName,
  text,
} from './parsers.js';

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

/** Every variable. */
export const VARIABLES = {
  dbUrl: variable(
    'DB_URL',
    DEFAULT_DATABASE,
    databaseUrl,
    'the database: `file:` or `sqlite://`, `postgres://` or `postgresql://`, `mysql://` or `mariadb://`',
  ),
  dbTable: variable('DB_TABLE', 'clusterer', tableName, 'the table'),
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
  tlsCert: variable(
    'TLS_CERT',
    '',
    certificateFile,
    'certificate file (PEM, with its chain) of REST and WebSocket, which are then HTTPS and WSS only',
  ),
  tlsKey: variable('TLS_KEY', '', keyFile, 'its private key, without a passphrase'),
  binsPort: variable(
    'BINS_PORT',
    '',
    portOrNone,
    'port of BIN over TLS on `CLUSTERER_BIN_HOST`, 5556 by custom; 0 picks a free one, empty: none',
  ),
  binsCert: variable(
    'BINS_CERT',
    '',
    certificateFile,
    'certificate file (PEM, with its chain) of BIN over TLS; also shown to machines with `bins:` urls',
  ),
  binsKey: variable('BINS_KEY', '', keyFile, 'its private key, without a passphrase'),
  binsCa: variable(
    'BINS_CA',
    '',
    certificateFile,
    'certificate authorities (PEM) that must have signed the certificate of whoever connects to BIN over TLS, and of `bins:` machines; empty: nobody is asked',
  ),
  tokens: variable(
    'TOKENS',
    '',
    readTokens,
    'access tokens `name:role:sha256`, comma-separated, or `@` and a file of them; empty only while `CLUSTERER_HTTP_HOST` is a loopback address',
  ),
  origins: variable(
    'ORIGINS',
    '',
    origins,
    "browser origins (`https://ops.example`) whose pages may ask besides the service's own, comma-separated",
  ),
  httpBodyBytes: variable('HTTP_BODY_BYTES', '1048576', count, 'the largest body of a request; a longer one is 413'),
  httpHeaderBytes: variable(
    'HTTP_HEADER_BYTES',
    '16384',
    count,
    'the largest headers of a request; longer ones are 431',
  ),
  httpHeaderTimeoutMs: variable(
    'HTTP_HEADER_TIMEOUT_MS',
    '10000',
    milliseconds,
    'how long the headers of a request may take to arrive; then it is 408',
  ),
  httpRequestTimeoutMs: variable('HTTP_REQUEST_TIMEOUT_MS', '60000', milliseconds, 'the same for the whole request'),
  httpRequestsPerSecond: variable(
    'HTTP_REQUESTS_PER_SECOND',
    '50000',
    count,
    'requests of one client in a second; more are refused with 429',
  ),
  httpWrongTokensPerMinute: variable(
    'HTTP_WRONG_TOKENS_PER_MINUTE',
    '100',
    count,
    'wrong tokens from one address in a minute; then it is 429 for all but who has been here with a valid one',
  ),
  httpMaxConnections: variable('HTTP_MAX_CONNECTIONS', '25000', count, 'connections to HTTP in total'),
  httpMaxConnectionsPerSource: variable(
    'HTTP_MAX_CONNECTIONS_PER_SOURCE',
    '4000',
    count,
    'connections to HTTP from one address',
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
  wsMaxRegistrations: variable('WS_MAX_REGISTRATIONS', '256', count, 'registrations of one socket'),
  wsMaxClients: variable('WS_MAX_CLIENTS', '10000', count, 'sockets and event streams; more are refused with 503'),
  wsMaxPerClient: variable(
    'WS_MAX_PER_CLIENT',
    '1000',
    count,
    'sockets of one client, and as many event streams; more are refused with 503',
  ),
  wsMessagesPerSecond: variable(
    'WS_MESSAGES_PER_SECOND',
    '10000',
    count,
    'messages a socket may send in a second; past it, it is closed with 4029',
  ),
  wsFrameBytes: variable(
    'WS_FRAME_BYTES',
    '1048576',
    count,
    'the largest message of a client; a longer one closes its socket with 1009',
  ),
  replayBytes: variable('REPLAY_BYTES', '33554432', count, 'what one registration keeps for a resume'),
  replaySeconds: variable(
    'REPLAY_SECONDS',
    '30',
    integer(0, 86_400),
    'how long it is kept, and how long a registration lives on without its socket; 0: ends with it',
  ),
  replayTotalBytes: variable('REPLAY_TOTAL_BYTES', '536870912', count, 'what all registrations keep together'),
  maxRegistrations: variable('MAX_REGISTRATIONS', '100000', count, 'registrations of all sockets together'),
  maxMachines: variable(
    'MAX_MACHINES',
    '100000',
    count,
    'machines; one more is not provisioned, and rows beyond it are not loaded',
  ),
  metricsMachines: variable(
    'METRICS_MACHINES',
    '1000',
    integer(0, LARGEST_INT),
    'machines that have a series of their own in `/metrics`',
  ),
  historyDays: variable('HISTORY_DAYS', '30', integer(1, 36_500), 'how many days the history goes back'),
  historyRows: variable(
    'HISTORY_ROWS',
    '100000',
    integer(0, LARGEST_INT),
    'how many entries the history keeps; 0: none are made',
  ),
  logLevel: variable('LOG_LEVEL', 'info', oneOf(LEVELS), `log level: ${LEVELS.join(', ')}`),
  logFormat: variable(
    'LOG_FORMAT',
    'auto',
    oneOf(LOG_FORMATS),
    '`json`: a JSON object a line; `pretty`: for people; `auto`: for people at a terminal, JSON elsewhere',
  ),
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
 * Reads every variable. One that is set to nothing counts as not set. No value that may be a secret is repeated in a fault.
 * @param found faults that were found before, as in the file `.env`
 * @throws ConfigError with all faults
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, found: readonly string[] = []): Config {
  const faults = [...found];
  const values: Record<string, unknown> = {};
  for (const [key, { name, fallback, read }] of Object.entries(VARIABLES)) {
    try {
      values[key] = read(env[name]?.trim() || fallback);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      faults.push(message.startsWith(name) ? message : `${name} ${message}`);
    }
  }
  // Each key was read by its own variable; a fault leaves it out, and the whole unused.
  faults.push(...sharedColumns(values as Partial<Config>), ...exposure(values as Partial<Config>));
  faults.push(...unpaired(values as Partial<Config>));
  if (faults.length > 0) throw new ConfigError(faults);
  return values as Config;
}

/** Two columns of the same name would overwrite each other. */
function sharedColumns(config: Partial<Config>): string[] {
  const first = new Map<unknown, string>();
  const faults: string[] = [];
  for (const [key, { name }] of Object.entries(VARIABLES)) {
    const column = config[key as keyof Config];
    if (!key.endsWith('Col') || column === undefined) continue;
    const twin = first.get(column);
    if (twin === undefined) first.set(column, name);
    else faults.push(`${twin} and ${name} both name the column "${column}": give each its own`);
  }
  return faults;
}

function exposure({ tokens, httpHost }: Partial<Config>): string[] {
  if (tokens === undefined || httpHost === undefined || tokens.required || isLoopback(httpHost)) return [];
  const reason = 'is not a loopback address: everyone who can reach it could do all';
  return [`${VARIABLES.tokens.name} must be set while ${VARIABLES.httpHost.name} ${reason}`];
}

/** A certificate is of no use without its key; a file that has a fault of its own is not spoken of again. */
function unpaired({ tlsCert, tlsKey, binsPort, binsCert, binsKey }: Partial<Config>): string[] {
  const { tlsCert: http, tlsKey: httpKey, binsPort: port, binsCert: bins, binsKey: key } = VARIABLES;
  const faults = [
    ...pairFaults(http.name, tlsCert, httpKey.name, tlsKey),
    ...pairFaults(bins.name, binsCert, key.name, binsKey),
  ];
  if (binsPort !== null && binsPort !== undefined && binsCert === '' && binsKey === '')
    faults.push(`${port.name} needs ${bins.name} and ${key.name}: a listener of TLS shows a certificate`);
  return faults;
}

function pairFaults(certName: string, cert: string | undefined, keyName: string, key: string | undefined): string[] {
  if (cert === undefined || key === undefined || (cert === '' && key === '')) return [];
  if (cert === '') return [`${certName} must be set while ${keyName} is`];
  if (key === '') return [`${keyName} must be set while ${certName} is`];
  const fault = pairFault(cert, key, certName, keyName);
  return fault === null ? [] : [fault];
}

/** Variables of our prefix that nobody reads: probably mistyped. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const ours = Object.values(VARIABLES).map(({ name }) => name);
  const known = new Set<string>([...ours, ...Object.values(CLI_VARIABLES)]);
  return Object.keys(env).filter((key) => key.startsWith('CLUSTERER_') && !known.has(key));
}
