import { DEFAULT_DATABASE } from '../database-url.js';
import { count, databaseUrl, integer, LARGEST_INT, milliseconds, switchedOn, tableName } from '../parsers.js';
import { variable } from '../variable.js';

export const TABLE = {
  dbUrl: variable(
    'DB_URL',
    DEFAULT_DATABASE,
    databaseUrl,
    'database: `file:` or `sqlite://`, `postgres://` or `postgresql://`, `mysql://` or `mariadb://`',
  ),
  dbTable: variable('DB_TABLE', 'clusterer', tableName, 'table of the machines'),
  serverId: variable(
    'SERVER_ID',
    '0',
    integer(0, LARGEST_INT),
    'machine id of this service; only clusters that contain it are loaded. 0: an observer, which loads every cluster of dialect 2.2, and no fleet',
  ),
  persistent: variable(
    'PERSISTENT_MODE',
    '0',
    switchedOn,
    '1: changes of `state`, `no_tries` and `last_attempt` are written to the table; 0: these columns are never written',
  ),
  syncIntervalMs: variable(
    'SYNC_INTERVAL_MS',
    '1000',
    milliseconds,
    'longest time before a change is written to the table (persistent mode)',
  ),
  maxMachines: variable(
    'MAX_MACHINES',
    '100000',
    count,
    'machines in total; above this, provisioning is refused and further rows are not loaded',
  ),
} as const;
