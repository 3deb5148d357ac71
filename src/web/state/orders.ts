import type { State } from './messages.js';
import type { KnownMachine } from './store.js';

type Order = (a: KnownMachine, b: KnownMachine) => number;

const WORST_FIRST: Readonly<Record<State, number>> = { down: 0, temp_disabled: 1, up: 2 };

const byId: Order = (a, b) => a.machine.machine_id - b.machine.machine_id;

/** The orders of the machines of a cluster, by name. Equals are in the order of their ids. */
const ORDERS: Readonly<Record<string, Order>> = {
  state: (a, b) => WORST_FIRST[a.machine.state] - WORST_FIRST[b.machine.state] || byId(a, b),
  since: (a, b) => changedAt(b) - changedAt(a) || byId(a, b),
  tries: (a, b) => b.machine.no_tries - a.machine.no_tries || byId(a, b),
};

/** @param name `state`, `since` or `tries`; anything else: by id */
export function orderOf(name: string): Order {
  return ORDERS[name] ?? byId;
}

/** What is only known to be older than the page comes last. */
function changedAt({ since }: KnownMachine): number {
  return since.known === 'before' ? 0 : since.at;
}
