import { ServiceError } from '../ground/errors.js';
import { SINGLE } from './log/memory-command-log.js';

/** Whether this process does what only one of the replicas may do: it sends to machines, fires deadlines, and writes rows and history. */
export interface Leadership {
  /** The name of this replica. */
  readonly replica: string;
  /** Whether there may be others, with the same log. */
  readonly isReplica: boolean;
  readonly isLeading: boolean;
}

/** A process without replicas. */
export const ALONE: Leadership = { replica: SINGLE, isReplica: false, isLeading: true };

/** For a call whose leader cannot be reached any more, or leads no more. */
export function leaderChanged(): ServiceError {
  const detail =
    'The leader has changed or was not reached, so it is not known whether this was done. Read the state, and repeat the call if needed.';
  return new ServiceError('leader_changed', detail);
}
