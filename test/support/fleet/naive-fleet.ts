import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import type { Fleet } from '../../../src/domain/fleet/fleet.js';
import type { LinkState } from '../../../src/domain/fleet/link.js';
import type { Sequence } from '../../../src/wire/cluster/messages.js';
import type { Observer } from './lossy-network.js';
import type { Envelope } from './network.js';

/** What one life of a machine did. */
interface Life {
  readonly links: Map<number, LinkState>;
  /** The sequence of every flood that it took: the same object in all copies. A later life of the origin may use the same numbers for another flood. */
  readonly accepted: Set<Sequence>;
  readonly hops: Map<number, number | null>;
}

/** Watches fleets, keeps everything that they did, and throws as soon as one breaks a rule. */
export class NaiveFleets implements Observer {
  /** Names of the packets that modules got, once for each time. */
  readonly packets: string[] = [];
  floods = 0;
  private readonly lives = new Map<number, Life>();

  started(machineId: number): void {
    this.lives.set(machineId, { links: new Map(), accepted: new Set(), hops: new Map() });
  }

  effects(machineId: number, effects: readonly FleetEffect[]): void {
    const { links, hops } = this.lifeOf(machineId);
    for (const effect of effects) {
      if (effect.type === 'link') {
        const known = links.get(effect.machineId) ?? 'down';
        if (known !== effect.from || effect.from === effect.to) throw new Error(`link ${known}: ${text(effect)}`);
        links.set(effect.machineId, effect.to);
      }
      if (effect.type === 'next_hop') {
        if ((hops.get(effect.machineId) ?? null) !== effect.from) throw new Error(`next hop: ${text(effect)}`);
        hops.set(effect.machineId, effect.to);
      }
      if (effect.type === 'relay' && effect.to.includes(machineId)) throw new Error(`to itself: ${text(effect)}`);
    }
  }

  delivered({ to, content }: Envelope, effects: readonly FleetEffect[], isForModules: boolean): void {
    if (content.type === 'packet') {
      if (isForModules) this.packets.push(content.name);
      if (isForModules && content.destination !== to) throw new Error(`${content.name} delivered at ${to}`);
      return;
    }
    if (!('path' in content)) return;
    this.floods++;
    if (new Set(content.path).size !== content.path.length) throw new Error(`twice through one: ${content.path}`);
    if (!('sequence' in content) || content.sequence === null) return;
    if (effects.some((effect) => effect.type === 'fault')) return;
    const { type, origin, sequence } = content;
    const { accepted } = this.lifeOf(to);
    if (accepted.has(sequence)) throw new Error(`accepted twice at ${to}: ${type} ${origin} ${text(sequence)}`);
    accepted.add(sequence);
  }

  /** The fleet is in the state that its effects told, and its next hops are those of the first of all ways. */
  check(machineId: number, fleet: Fleet): void {
    const { links, hops } = this.lifeOf(machineId);
    for (const peer of fleet.peers.all) {
      const told = [links.get(peer.machineId) ?? 'down', hops.get(peer.machineId) ?? null];
      const expected = [peer.link.state, firstWay(machineId, peer.machineId, fleet)?.[0] ?? null];
      if (text(told) !== text(expected)) throw new Error(`${machineId} to ${peer.machineId}: ${told}, not ${expected}`);
    }
  }

  private lifeOf(machineId: number): Life {
    const life = this.lives.get(machineId);
    if (life === undefined) throw new Error(`${machineId} has not started`);
    return life;
  }
}

/** The shortest way; of equal ones that with the preferred machines, from the first on. It looks at every way. */
function firstWay(own: number, destination: number, fleet: Fleet): number[] | undefined {
  const preference = [...fleet.peers.members]
    .sort((a, b) => (a.priority === b.priority ? a.machineId - b.machineId : a.priority - b.priority))
    .map(({ machineId }) => machineId);
  const neighbours = (id: number) => {
    const ids = id === own ? fleet.peers.up.map(({ machineId }) => machineId) : [...fleet.topology.neighboursOf(id)];
    return preference.filter((it) => ids.includes(it));
  };
  const ways: number[][] = [];
  const walk = (way: number[]) => {
    const last = way.at(-1) ?? own;
    if (last === destination) ways.push(way);
    else for (const next of neighbours(last)) if (!way.includes(next)) walk([...way, next]);
  };
  walk([]);
  const places = (way: number[]) => way.map((id) => preference.indexOf(id));
  return ways.sort((a, b) => a.length - b.length || compare(places(a), places(b)))[0];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((place, at) => place !== other[at]);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
