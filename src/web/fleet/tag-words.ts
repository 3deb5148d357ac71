import type { TagView } from '../../schemas/tags.js';
import { lengthOf, timeOf } from '../words/times.js';
import { idsWords } from './fleet-words.js';

/** What a machine is for a tag: `active`, `backup; active: machine 2`. `unknown` when it has not said so. */
export function tagStateWords({ machines, owner, managed }: TagView, machineId: number): string {
  const state = machines.find(({ machine_id }) => machine_id === machineId)?.state ?? 'unknown';
  const active = activeIds(machines).filter((id) => id !== machineId);
  const others = active.length === 0 ? '' : `; ${state === 'active' ? 'also active' : 'active'}: ${idsWords(active)}`;
  const awaited = managed && owner === machineId && state !== 'active' ? ', to become active' : '';
  return `${state}${awaited}${others}`;
}

/** `managed since 12:54:07, fence 4; failover to 2 and 3 after 10 s`; empty for a tag that the service only watches. */
export function tagWishWords({ managed, since, fence, failover, after_seconds }: TagView, now: number): string {
  if (!managed) return '';
  const start = since === null ? 'managed' : `managed since ${timeOf(Date.parse(since), now)}`;
  const then =
    failover.length === 0 ? '' : `; failover to ${failover.join(', then ')} after ${lengthOf(after_seconds ?? 0)}`;
  return `${start}, fence ${fence}${then}`;
}

function activeIds(machines: TagView['machines']): number[] {
  return machines.filter(({ state }) => state === 'active').map(({ machine_id }) => machine_id);
}

/** Whether the machine is the only active one, and is to stay so if the tag is managed. */
export function isSettledAt({ machines, managed, owner }: TagView, machineId: number): boolean {
  const active = activeIds(machines);
  return active.length === 1 && active[0] === machineId && (!managed || owner === machineId);
}
