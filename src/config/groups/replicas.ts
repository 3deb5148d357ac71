import { parseDatabaseUrl } from '../database-url.js';
import { certificateFile, integer } from '../parsers.js';
import { credentialsFile, natsPrefix, natsServers, replicaName } from '../replica-parsers.js';
import { type Values, variable } from '../variable.js';

export const REPLICAS = {
  natsServers: variable(
    'NATS_URL',
    '',
    natsServers,
    'servers of NATS with JetStream, comma-separated, such as `nats://10.0.0.1:4222`; the processes with the same servers and prefix are replicas of one service. Empty: a single process',
  ),
  natsCreds: variable('NATS_CREDS', '', credentialsFile, 'credentials file of NATS (a JWT and a seed)'),
  natsCa: variable(
    'NATS_CA',
    '',
    certificateFile,
    'certificate authorities (PEM) that the certificates of the NATS servers must be signed by; empty: those of Node',
  ),
  natsPrefix: variable(
    'NATS_PREFIX',
    'clusterer',
    natsPrefix,
    'prefix of the names that are used in NATS: lower-case letters, digits, `-` and `_`',
  ),
  natsReplicas: variable(
    'NATS_REPLICAS',
    '1',
    integer(1, 5),
    'number of NATS servers that keep a copy of the log; with 3 it survives the loss of one',
  ),
  replica: variable('REPLICA', '', replicaName, 'name of this replica; empty: the host name and a random end'),
} as const;

type Read = Partial<Values<typeof REPLICAS> & { readonly dbUrl: string }>;

/** Replicas share a database, and a SQLite file is on one machine. */
export function replicaFaults({ natsServers = [], dbUrl }: Read): string[] {
  if (natsServers.length === 0 || dbUrl === undefined || parseDatabaseUrl(dbUrl).provider !== 'sqlite') return [];
  return [
    'CLUSTERER_DB_URL is a SQLite file, which replicas cannot share: use PostgreSQL, MySQL or MariaDB with CLUSTERER_NATS_URL',
  ];
}
