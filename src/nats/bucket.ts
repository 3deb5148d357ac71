import { JetStreamApiCodes, JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';

/** A request to a bucket fails after this long, so that a renewal can be tried again before a lease ends. */
const REQUEST_TIMEOUT_MS = 1_000;

export interface BucketSettings {
  readonly name: string;
  /** Values that were not written again for this long are removed; 0: never. */
  readonly maxAgeMs: number;
  /** Copies on servers of NATS. */
  readonly replicas: number;
}

/** Creates the bucket, or finds it. */
export async function openBucket(nats: NatsConnection, { name, maxAgeMs, replicas }: BucketSettings): Promise<KV> {
  // Without direct reads the leader of the bucket answers, which has the last write.
  const options = { ttl: maxAgeMs, replicas, history: 1, allow_direct: false };
  // Servers may need more time to create a bucket.
  await new Kvm(jetstream(nats)).create(name, { ...options });
  return new Kvm(jetstream(nats, { timeout: REQUEST_TIMEOUT_MS })).open(name, { ...options });
}

/** Returns the value of a key; null if it has none. */
export async function currentValue(bucket: KV, key: string): Promise<KvEntry | null> {
  const entry = await bucket.get(key);
  return entry?.operation === 'PUT' ? entry : null;
}

/** Whether a conditional write failed because the key has another revision. */
export function isOtherRevision(error: unknown): boolean {
  const codes: number[] = [JetStreamApiCodes.StreamWrongLastSequence, JetStreamApiCodes.StreamWrongLastSequenceUnknown];
  return error instanceof JetStreamApiError && codes.includes(error.code);
}
