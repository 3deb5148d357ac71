import type { Drain, Machine, State } from '../state/messages.js';
import type { Since } from '../state/store.js';
import { lengthOf, timeOf } from './times.js';

/** The default reason for taking a machine down. */
export const SET_DOWN = 'set down';

export const STATE_WORDS: Readonly<Record<State, string>> = { up: 'Up', temp_disabled: 'Disabled', down: 'Down' };

/** The state in a sentence: `Machine 3 of cluster 1 is …`. */
const BECOMES: Readonly<Record<State, string>> = { up: 'up', temp_disabled: 'temporarily disabled', down: 'down' };

const CAUSES: Readonly<Record<string, string>> = {
  duration_passed: 'its disabling has ended',
  reload: 'set in the table',
  provisioning: 'provisioned',
  drain: 'its drain was applied again',
  drain_end: 'its drain has ended',
  link_up: 'it answers again',
  resolved: 'its host has a new address',
};

export function nameOf({ machine_id, cluster_id }: { machine_id: number; cluster_id: number }): string {
  return `machine ${machine_id} of cluster ${cluster_id}`;
}

/** Why a machine is in its state, in a few words; empty if unknown. */
export function why(machine: Machine, { cause, by }: Pick<Since, 'cause' | 'by'>): string {
  const { drain, state } = machine;
  if (drain !== undefined) return drainWords(drain);
  if (cause !== null) return causeWords(cause, by, machine.failed_attempts);
  if (state !== 'temp_disabled') return '';
  return machine.link === undefined ? failedWords(machine.no_tries) : causeWords('ping_failed', null, machine.no_tries);
}

/** Why a state changed. @param limit failed attempts that disable the machine; null if unknown */
export function causeWords(cause: string, by: string | null, limit: number | null): string {
  if (cause === 'send_failed') return failedWords(limit);
  if (cause === 'ping_failed') return limit === null ? 'its pings stay unanswered' : unansweredWords(limit);
  if (cause === 'operator') return by === null ? 'set by an operator' : `set by ${by}`;
  if (cause === 'set_state') return by === null ? 'set by a module' : `set by ${by}`;
  const words = CAUSES[cause] ?? cause.replaceAll('_', ' ');
  return by === null ? words : `${words}, by ${by}`;
}

function failedWords(failures: number | null): string {
  if (failures === null) return 'sends to it failed';
  return failures === 1 ? 'a send failed' : `${failures} sends in a row failed`;
}

/** Failures in a row that disable the machine; null: it is never disabled. With links, less than 1 counts as 1. */
export function limitOf({ failed_attempts, link }: Machine): number | null {
  if (failed_attempts > 0) return failed_attempts;
  return link === undefined ? null : 1;
}

/** @param limit less than 1 counts as 1 */
function unansweredWords(limit: number): string {
  return limit <= 1 ? 'a ping stayed unanswered' : `${limit} pings in a row stayed unanswered`;
}

export function drainWords({ reason, by }: Pick<Drain, 'reason' | 'by'>): string {
  if (reason === SET_DOWN) return by === null ? 'Set down by an operator' : `Set down by ${by}`;
  const drained = by === null ? 'Drained' : `Drained by ${by}`;
  return reason === null ? drained : `${drained}: ${reason}`;
}

/** Since when, no more exact than the page knows. */
export function sinceWords(machine: Machine, { at, known }: Since, now: number): string {
  if (known === 'observed') return timeOf(at, now);
  if (machine.drain !== undefined) return timeOf(Date.parse(machine.drain.since), now);
  // The last failed attempt disabled it.
  if (machine.state === 'temp_disabled' && machine.last_attempt > 0) return timeOf(machine.last_attempt * 1000, now);
  return known === 'away' ? `by ${timeOf(at, now)}` : 'unknown';
}

/** What is known of the time when `sinceWords` says `unknown`. */
export function sinceNote({ at }: Since, now: number): string {
  return `It was so at ${timeOf(at, now)}, when the page was opened. The history does not say since when.`;
}

/** The time until the machine is up again by itself, or is asked whether it is; empty if neither will be. */
export function returnWords(machine: Machine, updatedAt: number, now: number): string {
  const until = machine.drain?.until;
  if (until) return `up in ${lengthOf((Date.parse(until) - now) / 1000)}`;
  if (machine.state !== 'temp_disabled') return '';
  const left = lengthOf(machine.seconds_until_enabling - (now - updatedAt) / 1000);
  return machine.link === undefined ? `up in ${left}` : `asked again in ${left}`;
}

/** `is down: set by alice` */
export function stateWords(to: State, cause: string | null, by: string | null, limit: number | null): string {
  return cause === null ? `is ${BECOMES[to]}` : `is ${BECOMES[to]}: ${causeWords(cause, by, limit)}`;
}

/** The scope of a registration. */
export function clusterWords(clusterId: number): string {
  return clusterId === 0 ? 'every cluster' : `cluster ${clusterId}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
