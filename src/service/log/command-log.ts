import type { Command } from '../../domain/commands.js';
import type { Now } from '../../ground/now.js';
import type { RegistrationCommand } from './registration-command.js';

/** A replica leads from now on. Counts only if the term is higher than that of the leader before. */
export interface LeadCommand {
  readonly type: 'lead';
  readonly term: number;
}

/** All replicas compute the digest of their state here. */
export interface CheckpointCommand {
  readonly type: 'checkpoint';
}

/** An event that no effect of the engine tells. Its fields are plain values. */
export interface Reported {
  readonly kind: string;
}

/** Something has happened: all replicas report it. */
export interface ReportCommand {
  readonly type: 'report';
  readonly event: Reported;
}

/** Everything that passes through the log. */
export type LoggedCommand = Command | RegistrationCommand | ReportCommand | LeadCommand | CheckpointCommand;

/** A command at its place in the log. */
export interface Entry {
  /** Rises. In memory by 1 with every entry; in a log that replicas share it is that of the message. */
  readonly position: number;
  /** The time at which the command happens, on every replica. */
  readonly now: Now;
  /** The replica that appended it. */
  readonly replica: string;
  /** The name of a token; null for the service itself. */
  readonly by: string | null;
  /** In the words of the caller. */
  readonly reason: string | null;
  /** Of the leader that appended it; absent if any replica may append it. It does not count in a later term. */
  readonly term?: number;
  /** The memory of packets is valid until the command is applied. */
  readonly command: LoggedCommand;
}

/** Applies an entry and returns the reply to its command. */
export type Apply = (entry: Entry) => unknown;

/** At once from a log in memory, later from a log that replicas share. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Orders commands and gives each its time. Applying the same entries to a new engine gives the same state, notifications and `seq`s.
 * Not the log of a registration, which keeps notifications (`RegistrationLog`).
 */
export interface CommandLog {
  /** Random for each log; a log that replicas share keeps it over restarts. A registration can be resumed only in the log that it was made in. */
  readonly epoch: string;
  /** Returns the reply to the command, which is applied by then. Rejects with `log_unavailable` when the log does not take it. */
  append(command: LoggedCommand, by: string | null, reason: string | null): Awaitable<unknown>;
  /** The same for a caller that needs no reply. The log takes it as soon as it can. */
  post(command: LoggedCommand): void;
  /** Call it once, before the first entry. */
  subscribe(apply: Apply): void;
}
