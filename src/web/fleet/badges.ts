import type { TagView } from '../../schemas/tags.js';

/** A sharing tag at a machine. `split`: other machines are active too; `awaited`: the machine is to become active, and is not yet. */
export interface Badge {
  readonly tag: string;
  readonly look: 'active' | 'split' | 'awaited';
}

/** The badges of each machine, in order of the tags. Machines that are backup have none. */
export function badgesOf(tags: readonly TagView[]): ReadonlyMap<number, readonly Badge[]> {
  const badges = new Map<number, Badge[]>();
  const add = (machineId: number, badge: Badge) => {
    badges.set(machineId, [...(badges.get(machineId) ?? []), badge]);
  };
  for (const { tag, owner, machines, managed } of tags) {
    const active = machines.filter(({ state }) => state === 'active').map(({ machine_id }) => machine_id);
    for (const machineId of active) add(machineId, { tag, look: active.length > 1 ? 'split' : 'active' });
    if (managed && owner !== null && !active.includes(owner)) add(owner, { tag, look: 'awaited' });
  }
  return badges;
}

const LOOK_WORDS: Readonly<Record<Badge['look'], string>> = {
  active: 'active for',
  split: 'active, like another machine, for',
  awaited: 'to become active for',
};

/** `active for vip`, `active, like another machine, for vip` */
export function badgeWords({ tag, look }: Badge): string {
  return `${LOOK_WORDS[look]} ${tag}`;
}
