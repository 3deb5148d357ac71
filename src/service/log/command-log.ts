import type { Command } from '../../domain/commands.js';
import type { Now } from '../../ground/now.js';
import type { RegistrationCommand } from './registration-command.js';

/** Everything that passes through the log. */
export type LoggedCommand = Command | RegistrationCommand;

/** A command at its place in the log. */
export interface Entry {
  /** Rises by 1 with every entry; the first has 1. */
  readonly position: number;
  /** The time at which the command happens, on every replica. */
  readonly now: Now;
  /** The replica that appended it. */
  readonly replica: string;
  /** The name of a token; null for the service itself. */
  readonly by: string | null;
  /** In the words of the caller. */
  readonly reason: string | null;
  /** The memory of packets is valid until the command is applied. */
  readonly command: LoggedCommand;
}

/** Applies an entry and returns the reply to its command. */
export type Apply = (entry: Entry) => unknown;

/**
 * Orders commands and gives each its time. Applying the same entries to a new engine gives the same state, notifications and `seq`s.
 * Not the log of a registration, which keeps notifications (`RegistrationLog`).
 */
export interface CommandLog {
  /** Random for each log. A registration can be resumed only in the log that it was made in. */
  readonly epoch: string;
  /** Returns the reply to the command, which is applied by then. */
  append(command: LoggedCommand, by: string | null, reason: string | null): unknown;
  /** Call it once, before the first entry. */
  subscribe(apply: Apply): void;
}
