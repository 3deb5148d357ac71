import { ClientError } from '../client/error.js';
import { lineOf } from './failure.js';
import type { Host } from './host.js';
import { callRest } from './rest.js';
import type { Target } from './target.js';

/** A cluster without loaded machines may be watched, since machines may be added later; the warning shows a mistyped id. */
export async function warnOfUnknownCluster(
  target: Target,
  cluster: number | undefined,
  { stderr }: Host,
): Promise<void> {
  if (cluster === undefined) return;
  try {
    await callRest(target, 'GET', `/clusters/${cluster}`);
  } catch (error) {
    if (!(error instanceof ClientError && error.code === 'unknown_cluster')) throw error;
    stderr.write(lineOf({ message: `${error.detail} Waiting for its machines.` }));
  }
}
