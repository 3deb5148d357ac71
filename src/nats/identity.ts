import type { KV } from '@nats-io/kv';
import { currentValue, isOtherRevision } from './bucket.js';

/** What all replicas of a log must have in common: the values of variables, by their names. */
export type Identity = Readonly<Record<string, string>>;

/**
 * The first replica writes its identity; the others must have the same.
 * @param bucket one without a maximum age
 * @throws Error that names the variables that differ
 */
export async function checkIdentity(bucket: KV, epoch: string, own: Identity): Promise<void> {
  const common = (await identityOf(bucket, epoch)) ?? (await write(bucket, epoch, own));
  const faults = Object.entries(own)
    .filter(([variable, value]) => common[variable] !== value)
    .map(([variable, value]) => `${variable} is ${value}, but the other replicas have ${common[variable]}.`);
  if (faults.length > 0) throw new Error(faults.join(' '));
}

async function identityOf(bucket: KV, epoch: string): Promise<Identity | null> {
  return (await currentValue(bucket, epoch))?.json<Identity>() ?? null;
}

async function write(bucket: KV, epoch: string, own: Identity): Promise<Identity> {
  try {
    await bucket.create(epoch, JSON.stringify(own));
    return own;
  } catch (error) {
    // Another replica was faster.
    const found = isOtherRevision(error) ? await identityOf(bucket, epoch) : null;
    if (found === null) throw error;
    return found;
  }
}
