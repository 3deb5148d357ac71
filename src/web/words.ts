import type { Change, Machine, State } from './messages.js';
import type { Since } from './store.js';
import { lengthOf, timeOf } from './times.js';

export const STATE_WORDS: Readonly<Record<State, string>> = { up: 'Up', temp_disabled: 'Disabled', down: 'Down' };

/** What follows the state in a sentence: `Machine 3 of cluster 1 is …`. */
const BECOMES: Readonly<Record<State, string>> = { up: 'up', temp_disabled: 'temporarily disabled', down: 'down' };

const CAUSES: Readonly<Record<string, string>> = {
  duration_passed: 'the time of its disabling has passed',
  reload: 'the table says so',
  provisioning: 'provisioned so',
  drain: 'its drain was applied again',
  drain_end: 'its drain has ended',
  resolved: 'its host has another address',
};

/** Names a machine as people do. */
export function nameOf({ machine_id, cluster_id }: { machine_id: number; cluster_id: number }): string {
  return `machine ${machine_id} of cluster ${cluster_id}`;
}

/** Why a machine is in its state, in a few words; empty where nobody knows. */
export function why(machine: Machine, { cause, by }: Pick<Since, 'cause' | 'by'>): string {
  const { drain, state } = machine;
  if (drain !== undefined) return drainWords(drain);
  if (cause !== null) return causeWords(cause, by, machine.failed_attempts);
  return state === 'temp_disabled' ? failedWords(machine.no_tries) : '';
}

/** Why a state changed. @param limit failed attempts that disable the machine */
export function causeWords(cause: string, by: string | null, limit: number): string {
  if (cause === 'send_failed') return failedWords(limit);
  if (cause === 'operator') return by === null ? 'set by an operator' : `set by ${by}`;
  if (cause === 'set_state') return by === null ? 'set by a module' : `set by ${by}`;
  const words = CAUSES[cause] ?? cause.replaceAll('_', ' ');
  return by === null ? words : `${words}, by ${by}`;
}

function failedWords(failures: number): string {
  return failures === 1 ? 'a send failed' : `${failures} sends in a row failed`;
}

function drainWords({ reason, by }: NonNullable<Machine['drain']>): string {
  const drained = by === null ? 'Drained' : `Drained by ${by}`;
  return reason === null ? drained : `${drained}: ${reason}`;
}

/** Since when, without claiming what the page cannot know. */
export function sinceWords(machine: Machine, { at, known }: Since, now: number): string {
  if (known === 'told') return timeOf(at, now);
  if (machine.drain !== undefined) return timeOf(Date.parse(machine.drain.since), now);
  // What disabled it was its last failed attempt.
  if (machine.state === 'temp_disabled' && machine.last_attempt > 0) return timeOf(machine.last_attempt * 1000, now);
  return `${known === 'away' ? 'by' : 'before'} ${timeOf(at, now)}`;
}

/** What remains until the machine comes back by itself; empty where it does not. */
export function returnWords(machine: Machine, toldAt: number, now: number): string {
  const until = machine.drain?.until;
  if (until) return `up in ${lengthOf((Date.parse(until) - now) / 1000)}`;
  if (machine.state !== 'temp_disabled') return '';
  return `up in ${lengthOf(machine.seconds_until_enabling - (now - toldAt) / 1000)}`;
}

/** What happened, as a sentence. */
export function changeWords(change: Change): string {
  const { method, params } = change;
  switch (method) {
    case 'node_state':
    case 'machine_added':
    case 'machine_changed':
    case 'machine_removed':
      return `${capital(nameOf(params.machine))} ${predicateOf(change)}`;
    case 'reception':
      return `${capital(nameOf(params))} ${predicateOf(change)}`;
    case 'nodes_reloaded':
      return `${reloadWords(params)}${params.by === undefined ? '' : `, by ${params.by}`}`;
    case 'module_registered':
      return `Module ${params.module} registered for ${clusterWords(params.cluster_id)}`;
    case 'module_unregistered':
      return `Module ${params.module} is registered for ${clusterWords(params.cluster_id)} no more`;
  }
}

/** What is said of the machine that a change concerns: `is up: set by alice`; empty for changes of no machine. */
export function predicateOf({ method, params }: Change): string {
  switch (method) {
    case 'node_state': {
      const { to, cause, by = null } = params;
      const machine: Machine = params.machine;
      if (to === 'down' && machine.drain !== undefined) return `is down: ${why(machine, { cause, by })}`;
      return stateWords(to, cause, by, machine.failed_attempts);
    }
    case 'machine_added':
      return `was added${behind(params)}`;
    case 'machine_changed': {
      const machine: Machine = params.machine;
      const drain = machine.drain === undefined ? '' : ` (${why(machine, { cause: null, by: null })})`;
      return `was changed${behind(params)}${drain}`;
    }
    case 'machine_removed':
      return `was removed${behind(params)}`;
    case 'reception':
      return params.to === 'disabled' ? `is silent for ${params.module}` : `is heard by ${params.module} again`;
    default:
      return '';
  }
}

/** `is down: set by alice` */
export function stateWords(to: State, cause: string | null, by: string | null, limit: number): string {
  return cause === null ? `is ${BECOMES[to]}` : `is ${BECOMES[to]}: ${causeWords(cause, by, limit)}`;
}

/** The same said of several machines of a cluster. */
export function ofSeveral(count: number, clusterId: number, predicate: string): string {
  const plural = predicate.replace(/^is /, 'are ').replace(/^was /, 'were ');
  return `${count} machines of cluster ${clusterId} ${plural}`;
}

/** What a reload did. */
export function reloadWords(report: {
  nodes: number;
  added: number;
  removed: number;
  changed: number;
  skipped: readonly unknown[];
}): string {
  const { nodes, added, removed, changed, skipped } = report;
  const counts = [
    [added, 'added'],
    [removed, 'removed'],
    [changed, 'changed'],
    [skipped.length, 'left out'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `The table was read: ${nodes} ${nodes === 1 ? 'machine' : 'machines'}, ${told.join(', ') || 'nothing new'}`;
}

/** Where a registration listens. */
export function clusterWords(clusterId: number): string {
  return clusterId === 0 ? 'every cluster' : `cluster ${clusterId}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function behind({ cause, by }: { cause?: string; by?: string }): string {
  const words = cause === undefined || cause === 'provisioning' ? '' : `: ${CAUSES[cause] ?? cause}`;
  return `${words}${by === undefined ? '' : `, by ${by}`}`;
}
