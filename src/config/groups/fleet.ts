import { dialectOf } from '../../domain/cluster-dialect.js';
import { advertisedUrl, dialects, neighbours } from '../fleet-parsers.js';
import { integer, milliseconds } from '../parsers.js';
import { type Values, variable } from '../variable.js';

/** In milliseconds, what a timer can hold. */
const seconds = integer(1, 2_147_483);

export const FLEET = {
  dialects: variable(
    'DIALECT',
    'auto',
    dialects,
    'dialect of the clusters: `2.2`, `2.4` (OpenSIPS 2.4 to 4.0), or `auto`: 2.4 if the table has the columns `node_id` and `no_ping_retries`, otherwise 2.2. Exceptions follow, as `cluster:dialect`: `2.4,7:2.2`',
  ),
  join: variable(
    'JOIN',
    '',
    neighbours,
    'clusters to join without a row, each with the urls of one or more of its machines: `1=bin:10.0.0.1:5566,1=bin:10.0.0.2:5566`. Their dialect is 2.4',
  ),
  advertiseUrl: variable(
    'ADVERTISE_URL',
    '',
    advertisedUrl,
    'url of this service in the clusters of `CLUSTERER_JOIN`, such as `bin:10.0.0.9:5566`',
  ),
  pingIntervalSeconds: variable('PING_INTERVAL_SECONDS', '4', seconds, 'interval of pings to a machine (2.4)'),
  pingTimeoutMs: variable(
    'PING_TIMEOUT_MS',
    '1000',
    milliseconds,
    'longest time that a machine may take to reply to a ping (2.4)',
  ),
  nodeTimeoutSeconds: variable(
    'NODE_TIMEOUT_SECONDS',
    '60',
    seconds,
    'interval of pings to a machine that does not reply (2.4); also the `duration` of machines in tables of version 4',
  ),
  seedFallbackSeconds: variable(
    'SEED_FALLBACK_SECONDS',
    '5',
    seconds,
    'how long a sync waits for a machine that has the data (2.4)',
  ),
  syncTimeoutSeconds: variable(
    'SYNC_TIMEOUT_SECONDS',
    '15',
    seconds,
    'how long a machine that sends a sync may pause before another one is used (2.4)',
  ),
} as const;

type Read = Partial<Values<typeof FLEET> & { readonly serverId: number }>;

/** A cluster is joined as a member that the others can reach, and in dialect 2.4. */
export function fleetFaults({ join = [], advertiseUrl, serverId, dialects }: Read): string[] {
  if (join.length === 0) return [];
  const faults: string[] = [];
  if (advertiseUrl === '') {
    faults.push('CLUSTERER_JOIN needs CLUSTERER_ADVERTISE_URL, the url at which the other machines reach this service');
  }
  if (serverId === 0) faults.push('CLUSTERER_JOIN needs a CLUSTERER_SERVER_ID of 1 or more');
  for (const clusterId of new Set(join.map((neighbour) => neighbour.clusterId))) {
    // An explicit 2.2, also one for all clusters, contradicts the join.
    if (dialects === undefined || dialectOf(clusterId, dialects, 4, false) === '2.4') continue;
    faults.push(
      `CLUSTERER_JOIN names cluster ${clusterId}, which CLUSTERER_DIALECT sets to 2.2: write ${clusterId}:2.4 there, or do not join it`,
    );
  }
  return faults;
}
