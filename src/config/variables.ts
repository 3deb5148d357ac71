import { messageOf } from '../ground/message-of.js';
import { CLI_VARIABLES } from './cli-variables.js';
import { ACCESS, exposureFaults } from './groups/access.js';
import { BIN } from './groups/bin.js';
import { COLUMNS, columnFaults } from './groups/columns.js';
import { DECODE } from './groups/decode.js';
import { FLEET, fleetFaults } from './groups/fleet.js';
import { HISTORY } from './groups/history.js';
import { HTTP } from './groups/http.js';
import { LOG } from './groups/log.js';
import { REPLAY } from './groups/replay.js';
import { REPLICAS, replicaFaults } from './groups/replicas.js';
import { SOCKETS } from './groups/sockets.js';
import { TABLE } from './groups/table.js';
import { TLS, tlsFaults } from './groups/tls.js';
import { WEBHOOKS } from './groups/webhooks.js';
import type { Group, Values } from './variable.js';

/** Every group by its heading in docs/configuration.md, in the order of that page. */
export const GROUPS: Readonly<Record<string, Group>> = {
  'Database and table': TABLE,
  Columns: COLUMNS,
  'HTTP: REST and WebSocket': HTTP,
  Access: ACCESS,
  TLS,
  BIN,
  'Fleets of OpenSIPS 2.4 to 4.0': FLEET,
  'Sockets and event streams': SOCKETS,
  'Decoded payloads': DECODE,
  'Retention for a resume': REPLAY,
  'History and metrics': HISTORY,
  Webhooks: WEBHOOKS,
  Replicas: REPLICAS,
  Log: LOG,
};

export const VARIABLES = {
  ...TABLE,
  ...COLUMNS,
  ...HTTP,
  ...ACCESS,
  ...TLS,
  ...BIN,
  ...FLEET,
  ...SOCKETS,
  ...DECODE,
  ...REPLAY,
  ...HISTORY,
  ...WEBHOOKS,
  ...REPLICAS,
  ...LOG,
} as const;

export type Config = Values<typeof VARIABLES>;

/** Every fault of the configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(['The configuration is invalid:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
  }
}

/**
 * Reads every variable. An empty value counts as not set. A fault never contains a value that may be secret.
 * @param found faults found earlier, such as those of the file `.env`
 * @throws ConfigError with all faults
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, found: readonly string[] = []): Config {
  const faults = [...found];
  const values: Record<string, unknown> = {};
  for (const [key, { name, fallback, read }] of Object.entries(VARIABLES)) {
    try {
      values[key] = read(env[name]?.trim() || fallback);
    } catch (error) {
      const message = messageOf(error);
      faults.push(message.startsWith(name) ? message : `${name} ${message}`);
    }
  }
  // A variable with a fault is missing here; the rules between variables skip it.
  const read = values as Partial<Config>;
  faults.push(...columnFaults(read), ...exposureFaults(read), ...tlsFaults(read), ...fleetFaults(read));
  faults.push(...replicaFaults(read));
  if (faults.length > 0) throw new ConfigError(faults);
  return values as Config;
}

/** Variables with our prefix that nothing reads: probably misspelled. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const ours = Object.values(VARIABLES).map(({ name }) => name);
  const known = new Set<string>([...ours, ...Object.values(CLI_VARIABLES)]);
  return Object.keys(env).filter((key) => key.startsWith('CLUSTERER_') && !known.has(key));
}
