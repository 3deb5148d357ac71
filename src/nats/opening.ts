import type { KV } from '@nats-io/kv';
import { messageOf } from '../ground/message-of.js';
import { pause } from '../ground/pause.js';
import type { Clock, Log } from '../ground/ports.js';
import { openBucket } from './bucket.js';
import type { Connection } from './connection.js';
import { checkIdentity, type Identity } from './identity.js';
import { LEASE_MS, Lease } from './lease.js';
import { REPLICA_AGE_MS } from './replica-list.js';
import { SnapshotStore, UnknownSnapshotVersion } from './snapshot-store.js';
import { type LogStream, openStream } from './stream.js';

/** The time from one checkpoint to the next. */
export const CHECKPOINT_MS = 10_000;

/** A start tries for ten seconds. */
const OPEN_ATTEMPTS = 10;
const OPEN_RETRY_MS = 1_000;

export interface ReplicationSettings {
  readonly servers: readonly string[];
  readonly credsFile: string;
  readonly caFile: string;
  readonly prefix: string;
  /** Copies of the log on servers of NATS. */
  readonly copies: number;
  readonly replica: string;
  readonly identity: Identity;
  /** A snapshot to join from is at least this old, so that this replica has what a resume may ask for. */
  readonly replaySeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What replicas share on the servers of NATS. */
export interface Opened {
  readonly connection: Connection;
  readonly stream: LogStream;
  readonly snapshots: SnapshotStore;
  readonly lease: Lease;
  readonly bucketOfReplicas: KV;
  readonly epoch: string;
}

/**
 * Creates what the log needs, or finds it.
 * @throws Error that names the variable to correct
 */
export async function openParts(connection: Connection, settings: ReplicationSettings): Promise<Opened> {
  const { clock, log, replica, prefix, copies, replaySeconds } = settings;
  const { nats } = connection;
  const stream = await openStream(nats, { prefix, replicas: copies });
  const { epoch } = await stream.state();
  const bucket = (kind: string, maxAgeMs: number) =>
    openBucket(nats, { name: `${prefix}_${kind}`, maxAgeMs, replicas: copies });
  await checkIdentity(await bucket('identity', 0), epoch, settings.identity);
  const keep = Math.ceil((replaySeconds * 1_000) / CHECKPOINT_MS) + 2;
  const snapshots = await SnapshotStore.open(nats, { prefix, replicas: copies, epoch, keep, clock, log });
  const lease = new Lease(await bucket('lease', LEASE_MS), replica, clock, log);
  const bucketOfReplicas = await bucket('replicas', REPLICA_AGE_MS);
  return { connection, stream, snapshots, lease, bucketOfReplicas, epoch };
}

/**
 * Right after an election the servers of NATS may not answer yet: tries again. Faults that time does not correct are not tried again.
 * @throws Error that names the variable to check
 */
export async function answered<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const text = messageOf(error);
      if (error instanceof UnknownSnapshotVersion || text.startsWith('CLUSTERER_')) throw error;
      if (attempt === OPEN_ATTEMPTS) {
        throw new Error(`CLUSTERER_NATS_URL: NATS does not keep the log: ${text}.`, { cause: error });
      }
      await pause(clock, OPEN_RETRY_MS);
    }
  }
}
