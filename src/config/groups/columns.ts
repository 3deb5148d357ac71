import { name } from '../parsers.js';
import { type Values, variable } from '../variable.js';

export const COLUMNS = {
  clusterIdCol: variable('CLUSTER_ID_COL', 'cluster_id', name, 'column of the cluster id'),
  machineIdCol: variable('MACHINE_ID_COL', 'machine_id', name, 'column of the machine id'),
  clustererIdCol: variable(
    'CLUSTERER_ID_COL',
    'clusterer_id',
    name,
    'column of the primary key; `id` in tables of OpenSIPS 2.2',
  ),
  stateCol: variable('STATE_COL', 'state', name, 'column of the state'),
  urlCol: variable('URL_COL', 'url', name, 'column of the URL'),
  descriptionCol: variable('DESCRIPTION_COL', 'description', name, 'column of the description'),
  failedAttemptsCol: variable(
    'FAILED_ATTEMPTS_COL',
    'failed_attempts',
    name,
    'column of the number of failed attempts after which a machine is disabled',
  ),
  lastAttemptCol: variable('LAST_ATTEMPT_COL', 'last_attempt', name, 'column of the time of the last failed attempt'),
  durationCol: variable('DURATION_COL', 'duration', name, 'column of the duration of a temporary disabling'),
  noTriesCol: variable('NO_TRIES_COL', 'no_tries', name, 'column of the current number of failed attempts'),
} as const;

/** Two columns with one name would overwrite each other. */
export function columnFaults(columns: Partial<Values<typeof COLUMNS>>): string[] {
  const owners = new Map<string, string>();
  return Object.entries(COLUMNS).flatMap(([key, { name: variable }]) => {
    const column = columns[key as keyof typeof COLUMNS];
    if (column === undefined) return [];
    const owner = owners.get(column);
    if (owner !== undefined) return [`${owner} and ${variable} both name the column "${column}": give each its own`];
    owners.set(column, variable);
    return [];
  });
}
