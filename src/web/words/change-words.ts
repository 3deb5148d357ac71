import type { Change, Drain, Machine, State } from '../state/messages.js';
import { capital, causeWords, clusterWords, drainWords, nameOf, stateWords } from './words.js';

/** The counts of a load. For skipped and repaired rows: the rows, or their number. */
interface Reloaded {
  readonly nodes: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly skipped: readonly unknown[] | number;
  readonly repaired?: readonly unknown[] | number;
  readonly over_limit?: number;
}

/** The changes that the page puts into sentences. The others say what the machine shows; many come in each minute. */
export type ToldChange = Exclude<Change, { readonly method: 'link' | 'capability' | 'topology' | 'tag' }>;

/** A change as a sentence. */
export function changeWords(change: ToldChange): string {
  const { method, params } = change;
  switch (method) {
    case 'node_state':
    case 'machine_added':
    case 'machine_changed':
    case 'machine_removed':
      return `${capital(nameOf(params.machine))} ${predicateOf(change)}`;
    case 'reception':
    case 'message':
      return `${capital(nameOf(params))} ${predicateOf(change)}`;
    case 'nodes_reloaded':
      return `${reloadWords(params)}${byWords(params.by)}`;
    case 'module_registered':
      return registeredWords(params.module, params.cluster_id);
    case 'module_unregistered':
      return unregisteredWords(params.module, params.cluster_id);
  }
}

/** The sentence without its machine: `is up: set by alice`. Empty for a change that concerns no machine. */
export function predicateOf({ method, params }: ToldChange): string {
  switch (method) {
    case 'node_state': {
      const { machine, to, cause, by = null } = params;
      if (to === 'down' && machine.drain !== undefined) return drainedWords(machine.drain);
      return stateWords(to, cause, by, machine.failed_attempts);
    }
    case 'machine_added':
      return `was added${byWords(params.by)}`;
    case 'machine_changed':
      return changedWords(params.machine, params.cause, params.by);
    case 'machine_removed':
      return `was removed${byWords(params.by)}`;
    case 'reception':
      return params.to === 'disabled' ? `is silent for ${params.module}` : `is no longer ignored by ${params.module}`;
    case 'message':
      return `${params.reply ? 'replied' : 'sent'} “${params.message}”${params.tag === '' ? '' : ` (tag ${params.tag})`}`;
    default:
      return '';
  }
}

/** One sentence for many machines of a cluster. */
export function ofSeveral(count: number, clusterId: number, predicate: string): string {
  const plural = predicate.replace(/^is /, 'are ').replace(/^was /, 'were ');
  return `${count} machines of cluster ${clusterId} ${plural}`;
}

export function stateSetWords(to: State, cause: string | null, by: string | null, reason: string | null): string {
  return `${stateWords(to, cause, by, null)}${reason === null ? '' : `, ${reason}`}`;
}

export function registeredWords(module: string, clusterId: number): string {
  return `Module ${module} registered for ${clusterWords(clusterId)}`;
}

export function unregisteredWords(module: string, clusterId: number): string {
  return `Module ${module} unregistered for ${clusterWords(clusterId)}`;
}

/** The result of a load. */
export function reloadWords(reloaded: Reloaded): string {
  const { nodes, added, removed, changed, skipped, repaired = 0, over_limit = 0 } = reloaded;
  const counts = [
    [added, 'added'],
    [removed, 'removed'],
    [changed, 'changed'],
    [numberOf(skipped) + over_limit, 'skipped'],
    [numberOf(repaired), 'repaired'],
  ] as const;
  const named = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `Table loaded: ${nodes} ${nodes === 1 ? 'machine' : 'machines'}, ${named.join(', ') || 'no changes'}`;
}

function numberOf(rows: readonly unknown[] | number): number {
  return typeof rows === 'number' ? rows : rows.length;
}

export function byWords(by: string | null | undefined): string {
  return by ? `, by ${by}` : '';
}

/** An operator's change that keeps the state is a change of the drain. Provisioning has its own cause. */
function changedWords({ drain, failed_attempts }: Machine, cause = 'provisioning', by?: string): string {
  if (cause === 'operator') return drain === undefined ? `is no longer drained${byWords(by)}` : drainedWords(drain);
  if (cause === 'provisioning') return `was changed${byWords(by)}`;
  return `was changed: ${causeWords(cause, by ?? null, failed_attempts)}`;
}

/** `is drained by alice: kernel update` */
export function drainedWords(drain: Pick<Drain, 'reason' | 'by'>): string {
  const words = drainWords(drain);
  return `is ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}
