import { ClientError } from '../client/error.js';
import { lineOf } from './failure.js';
import { answerOf, restOf } from './rest.js';
import type { Target } from './target.js';

/** A cluster that is not loaded may be watched, since its machines may come; whoever has mistyped its id must hear so. */
export async function warnOfUnknownCluster(target: Target, cluster: number | undefined): Promise<void> {
  if (cluster === undefined) return;
  try {
    const path = { cluster_id: cluster };
    await answerOf(target, restOf(target).GET('/clusters/{cluster_id}', { params: { path } }));
  } catch (error) {
    if (!(error instanceof ClientError && error.code === 'unknown_cluster')) throw error;
    process.stderr.write(lineOf({ message: `${error.detail} Its machines may come; waiting for them.` }));
  }
}
