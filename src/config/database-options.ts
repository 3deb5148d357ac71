import { isTlsOption } from './database-tls.js';

/** The databases that are servers. */
export type Server = 'postgresql' | 'mysql';

/** Options of the driver, under its own names. */
export type DriverOptions = Readonly<Record<string, string | number | boolean>>;

type Reader = (name: string, value: string) => DriverOptions;

const asText: Reader = (name, value) => ({ [name]: value });

const asNumber: Reader = (name, value) => ({ [name]: numberIn(name, value) });

const asSwitch: Reader = (name, value) => {
  if (!/^(true|false|1|0)$/.test(value)) throw new Error(`CLUSTERER_DB_URL: ${name} must be true or false.`);
  return { [name]: value === 'true' || value === '1' };
};

/** Reads `connect_timeout`, which is in seconds as in libpq and MySQL's clients. */
function seconds(...driverNames: string[]): Reader {
  return (name, value) => {
    const milliseconds = numberIn(name, value) * 1000;
    return Object.fromEntries(driverNames.map((driverName) => [driverName, milliseconds]));
  };
}

function numberIn(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new Error(`CLUSTERER_DB_URL: ${name} must be a whole number.`);
  return Number(value);
}

/** The options of each server's driver, apart from TLS. Times are in milliseconds, except `connect_timeout`. */
const READERS: Readonly<Record<Server, Readonly<Record<string, Reader>>>> = {
  postgresql: {
    application_name: asText,
    options: asText,
    connect_timeout: seconds('connectionTimeoutMillis'),
    connectionTimeoutMillis: asNumber,
    query_timeout: asNumber,
    statement_timeout: asNumber,
    lock_timeout: asNumber,
    idle_in_transaction_session_timeout: asNumber,
    idleTimeoutMillis: asNumber,
    max: asNumber,
  },
  mysql: {
    connect_timeout: seconds('connectTimeout', 'acquireTimeout'),
    connectTimeout: asNumber,
    acquireTimeout: asNumber,
    initializationTimeout: asNumber,
    socketTimeout: asNumber,
    queryTimeout: asNumber,
    idleTimeout: asNumber,
    keepAliveDelay: asNumber,
    connectionLimit: asNumber,
    minimumIdle: asNumber,
    minDelayValidation: asNumber,
    charset: asText,
    collation: asText,
    initSql: asText,
    compress: asSwitch,
    allowPublicKeyRetrieval: asSwitch,
    rsaPublicKey: asText,
    cachingRsaPublicKey: asText,
  },
};

/** Options that name the server or the schema. */
const PLACES: Readonly<Record<Server, readonly string[]>> = {
  postgresql: ['schema', 'host', 'port'],
  mysql: ['socket', 'socketPath'],
};

/**
 * Returns the options of a URL by name. A space is `%20` or `+`.
 * @throws {Error} for a duplicate option, and for one that is not `known`
 */
export function splitOptions(search: string, product: string, known: (name: string) => boolean): Map<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    const quoted = JSON.stringify(name);
    if (!known(name)) {
      throw new Error(
        `CLUSTERER_DB_URL has the option ${quoted}, which is unknown for ${product} (docs/databases.md lists the options). Remove it.`,
      );
    }
    if (options.has(name)) throw new Error(`CLUSTERER_DB_URL has the option ${quoted} twice. Remove one.`);
    options.set(name, value);
  }
  return options;
}

export function isServerOption(server: Server): (name: string) => boolean {
  return (name) => isTlsOption(name) || PLACES[server].includes(name) || Object.hasOwn(READERS[server], name);
}

/**
 * Returns the options for the driver itself.
 * @throws {Error} that names the option, never its value
 */
export function driverOptions(server: Server, options: ReadonlyMap<string, string>): DriverOptions {
  const read = [...options].map(([name, value]) => READERS[server][name]?.(name, value) ?? {});
  return Object.assign({}, ...read);
}
