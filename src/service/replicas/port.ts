import type { Leadership } from '../leadership.js';
import type { CommandLog } from '../log/command-log.js';
import type { ToLeader } from './leader-calls.js';

/** A replica, as `GET /replicas` lists it. */
export interface ReplicaStatus {
  readonly name: string;
  readonly leader: boolean;
  /** The last message of the log that it has applied. */
  readonly applied_seq: number;
  /** How long a message took to it, in milliseconds. */
  readonly lag_ms: number;
  /** When it started. */
  readonly since: string;
}

/** This process as one of several replicas. */
export interface Replica {
  readonly commands: CommandLog;
  readonly leadership: Leadership;
  readonly toLeader: ToLeader;
  /** Of the newest entry that is applied here. */
  readonly position: number;
  /** For how long the log has been away, in milliseconds; null while it is there. */
  readonly awayMs: number | null;
  /** How long the newest message took to this replica, in milliseconds. */
  readonly lagMs: number;
  /** How many comparisons found that the states of the replicas differ. */
  readonly differences: number;
  /** By name. */
  list(): ReplicaStatus[];
  /** Resolves when this position is applied here; false after `timeoutMs`. */
  reached(position: number, timeoutMs: number): Promise<boolean>;
}
