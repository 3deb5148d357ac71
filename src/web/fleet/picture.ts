import type { TagView } from '../../schemas/tags.js';
import type { TopologyMachine } from '../state/fleets.js';
import type { Machine } from '../state/messages.js';
import { type Badge, badgesOf } from './badges.js';

/** What a machine looks like. `own`: this service; `waiting`: up, but without a link from here. */
export type Look = 'own' | 'up' | 'waiting' | 'temp_disabled' | 'down' | 'drained';

export interface PictureNode {
  readonly machineId: number;
  readonly look: Look;
  /** Machines to which the link is up, as both sides say. */
  readonly linked: readonly number[];
  /** Machines to which only this machine says that the link is up. */
  readonly onlyItSays: readonly number[];
  /** Machines that say that their link to this one is up, which it does not say. */
  readonly onlyTheySay: readonly number[];
  /** Machines with links, but none to this one. */
  readonly missing: readonly number[];
  /** The sharing tags for which it is active, or is to become so. */
  readonly badges: readonly Badge[];
}

/**
 * What is known of a link. `both`: both sides say that it is up; `one`: only `from` says so; `unheard`: `from` says so, and nothing is heard
 * of `to`; `none`: both have links, but not to each other.
 */
export type LinkLook = 'both' | 'one' | 'unheard' | 'none';

export interface PictureLink {
  readonly from: number;
  readonly to: number;
  readonly look: LinkLook;
}

/** What to draw of one cluster. */
export interface Picture {
  /** In order of priority, then of machine id. */
  readonly nodes: readonly PictureNode[];
  readonly links: readonly PictureLink[];
}

/** The priority of rows that name none. */
const DEFAULT_PRIORITY = 50;

/** The lists to which a link adds the other machine: that of `from`, and that of `to`. */
const LISTS = {
  both: ['linked', 'linked'],
  one: ['onlyItSays', 'onlyTheySay'],
  unheard: ['linked', 'onlyTheySay'],
  none: ['missing', 'missing'],
} as const;

/** @param machines those of the cluster, without this service */
export function pictureOf(
  machines: readonly Machine[],
  topology: readonly TopologyMachine[],
  tags: readonly TagView[],
): Picture {
  const own = topology.find((one) => one.own)?.machine_id ?? null;
  const sorted = machines
    .map(({ machine_id, priority = DEFAULT_PRIORITY }) => ({ machine_id, priority }))
    .sort((a, b) => a.priority - b.priority || a.machine_id - b.machine_id);
  const ids = [...(own === null ? [] : [own]), ...sorted.map(({ machine_id }) => machine_id)];
  const says = saidLinks(machines, topology);
  const links = linksBetween(ids, says, machines);
  return { nodes: nodesOf(ids, machines, links, badgesOf(tags)), links };
}

/** Which links each machine says are up. A machine that nobody reaches was heard too long ago, so it says nothing. */
function saidLinks(
  machines: readonly Machine[],
  topology: readonly TopologyMachine[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const unreached = new Set(machines.filter(({ next_hop }) => next_hop === null).map(({ machine_id }) => machine_id));
  const heard = topology.filter(({ machine_id }) => !unreached.has(machine_id));
  return new Map(heard.map(({ machine_id, neighbours }) => [machine_id, new Set(neighbours)]));
}

function linksBetween(
  ids: readonly number[],
  says: ReadonlyMap<number, ReadonlySet<number>>,
  machines: readonly Machine[],
): PictureLink[] {
  const setDown = new Set(machines.filter(({ state }) => state === 'down').map(({ machine_id }) => machine_id));
  const hasLinks = (id: number) => (says.get(id)?.size ?? 0) > 0 && !setDown.has(id);
  return ids.flatMap((from, at) =>
    ids.slice(at + 1).flatMap((to): PictureLink[] => {
      const there = says.get(from)?.has(to) === true;
      const back = says.get(to)?.has(from) === true;
      if (there && back) return [{ from, to, look: 'both' }];
      if (there) return [{ from, to, look: says.has(to) ? 'one' : 'unheard' }];
      if (back) return [{ from: to, to: from, look: says.has(from) ? 'one' : 'unheard' }];
      return hasLinks(from) && hasLinks(to) ? [{ from, to, look: 'none' }] : [];
    }),
  );
}

function nodesOf(
  ids: readonly number[],
  machines: readonly Machine[],
  links: readonly PictureLink[],
  badges: ReadonlyMap<number, readonly Badge[]>,
): PictureNode[] {
  const byId = new Map(machines.map((machine) => [machine.machine_id, machine]));
  const nodes = new Map(
    ids.map((id) => {
      const others = {
        linked: [] as number[],
        onlyItSays: [] as number[],
        onlyTheySay: [] as number[],
        missing: [] as number[],
      };
      return [id, { machineId: id, look: lookOf(byId.get(id)), badges: badges.get(id) ?? [], ...others }];
    }),
  );
  for (const { from, to, look } of links) {
    const [a, b] = LISTS[look];
    nodes.get(from)?.[a].push(to);
    nodes.get(to)?.[b].push(from);
  }
  return [...nodes.values()];
}

function lookOf(machine: Machine | undefined): Look {
  if (machine === undefined) return 'own';
  if (machine.drain !== undefined) return 'drained';
  return machine.state === 'up' && machine.link !== 'up' ? 'waiting' : machine.state;
}
