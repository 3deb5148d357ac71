import type { Machine } from '../../domain/machine.js';
import type { Changes } from '../../schemas/changes.js';
import type { MachineView } from '../../schemas/machine.js';
import { byField, type Event } from './event.js';

type Of<Kind extends Event['kind']> = Extract<Event, { readonly kind: Kind }>;

// The parameters of changes that watchers and webhooks get alike.

export function nodeStateChange(
  { machine, from, to, cause, by }: Of<'node_state'>,
  view: (machine: Machine) => MachineView,
): Omit<Changes['node_state'], 'seq'> {
  return { machine: view(machine), from, to, cause, ...byField(by) };
}

export function receptionChange({ kind, ...params }: Of<'reception'>): Omit<Changes['reception'], 'seq'> {
  return params;
}

export function tagChange({ kind, by, ...params }: Of<'tag'>): Omit<Changes['tag'], 'seq'> {
  return { ...params, ...byField(by) };
}
