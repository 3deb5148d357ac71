import { integer, LARGEST_INT } from '../parsers.js';
import { variable } from '../variable.js';

export const HISTORY = {
  historyDays: variable('HISTORY_DAYS', '30', integer(1, 36_500), 'age in days at which history entries are deleted'),
  historyRows: variable(
    'HISTORY_ROWS',
    '100000',
    integer(0, LARGEST_INT),
    'number of history entries that are kept; 0: no history',
  ),
  metricsMachines: variable(
    'METRICS_MACHINES',
    '1000',
    integer(0, LARGEST_INT),
    'number of machines with a series of their own in `/metrics`',
  ),
} as const;
