import type { ChangeEvent } from '../client/events.js';
import type { Changes, Snapshot } from '../schemas/changes.js';
import type { ReloadAnswer } from '../schemas/cluster.js';
import type { MachineView } from '../schemas/machine.js';

/** A snapshot names at most this many machines; of the rest it gives the number. */
const MAX_NAMED = 20;

/** A change as one line, in the words of the stream: `1/2  up -> down  operator, by alice`. */
export function changeLine({ method, params }: ChangeEvent): string {
  switch (method) {
    case 'node_state':
      return `${nameOf(params.machine)}  ${params.from} -> ${params.to}  ${params.cause}${by(params)}${drained(params.machine)}`;
    case 'machine_added':
      return `${nameOf(params.machine)}  added  ${params.machine.url}${by(params)}`;
    case 'machine_changed':
      return `${nameOf(params.machine)}  changed  ${params.cause ?? params.machine.url}${by(params)}${drained(params.machine)}`;
    case 'machine_removed':
      return `${nameOf(params.machine)}  removed  ${params.machine.url}${by(params)}`;
    case 'nodes_reloaded':
      return `reloaded  ${reloadLine(params)}${by(params)}`;
    case 'module_registered':
      return `module ${params.module}  registered  ${clusterOf(params)}, number ${params.number}`;
    case 'module_unregistered':
      return `module ${params.module}  unregistered  ${clusterOf(params)}, number ${params.number}`;
    case 'reception':
      return `${nameOf(params)}  ${params.from} -> ${params.to}  for module ${params.module}, number ${params.number}`;
    case 'link':
      return `${nameOf(params)}  link ${params.from} -> ${params.to}`;
    case 'capability':
      return `${nameOf(params)}  capability ${params.name}  ${params.from ?? 'unknown'} -> ${params.to}`;
    case 'topology':
      return `${nameOf(params)}  links to  ${params.neighbours.join(', ') || 'none'}`;
    case 'tag':
      return tagLine(params);
    case 'message':
      return `${nameOf(params)}  ${params.reply ? 'reply' : 'message'}  ${JSON.stringify(params.message)}, tag ${JSON.stringify(params.tag)}`;
  }
}

/** `cluster 1  tag vip  2 -> 3  failover, fence 5; active on 3`. */
function tagLine(params: Changes['tag']): string {
  const { cluster_id, tag, from, owner, managed, reason, fence, machines } = params;
  const active = machines.filter(({ state }) => state === 'active').map(({ machine_id }) => machine_id);
  const where = `active on ${active.join(', ') || 'none'}`;
  const wish = managed ? `, fence ${fence}` : ', not managed';
  return `cluster ${cluster_id}  tag ${tag}  ${from ?? 'none'} -> ${owner ?? 'none'}  ${reason}${wish}${by(params)}; ${where}`;
}

/** The state when the stream begins or continues after a gap. It names the machines that are not up. */
export function snapshotLine({ nodes, modules }: Snapshot): string {
  if (nodes.length === 0) return `no machine, ${count(modules.length, 'registration')}`;
  const notUp = nodes.filter(({ state }) => state !== 'up');
  const named = notUp.slice(0, MAX_NAMED).map((machine) => `${nameOf(machine)} ${machine.state}`);
  const rest = notUp.length > MAX_NAMED ? [`${notUp.length - MAX_NAMED} more`] : [];
  const states = notUp.length === 0 ? 'all up' : `not up: ${[...named, ...rest].join(', ')}`;
  return `${count(nodes.length, 'machine')}, ${count(modules.length, 'registration')}; ${states}`;
}

/** The result of a reload. */
export function reloadLine(answer: ReloadAnswer): string {
  const { clusters, nodes, added, removed, changed, skipped, repaired, over_limit = 0 } = answer;
  const repairs = repaired.length > 0 ? `, ${repaired.length} repaired` : '';
  const counts = `${added} added, ${removed} removed, ${changed} changed, ${skipped.length + over_limit} skipped${repairs}`;
  return `${count(nodes, 'machine')} in ${count(clusters, 'cluster')}: ${counts}`;
}

/** Cluster and machine, as every line names them. */
function nameOf({ cluster_id, machine_id }: Pick<MachineView, 'cluster_id' | 'machine_id'>): string {
  return `${cluster_id}/${machine_id}`;
}

function drained({ drain }: MachineView): string {
  if (drain === undefined) return '';
  const until = drain.until === null ? '' : ` until ${drain.until}`;
  return `; drained${until}${drain.reason === null ? '' : `: ${drain.reason}`}`;
}

function by(params: { readonly by?: string }): string {
  return params.by === undefined ? '' : `, by ${params.by}`;
}

function clusterOf({ cluster_id }: { readonly cluster_id: number }): string {
  return cluster_id === 0 ? 'every cluster' : `cluster ${cluster_id}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
