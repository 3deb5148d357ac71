import type { Command } from '../../domain/commands.js';
import type { Drain } from '../../domain/drain.js';
import type { Effect } from '../../domain/effects.js';
import type { Cause, Machine, MachineState } from '../../domain/machine.js';
import type { Reception } from '../../domain/reception.js';
import type { RegistrationLog } from '../delivery/registration-log.js';
import type { Origin } from '../engine-loop.js';
import type { EndCause } from '../log/registration-command.js';
import type { LoadReport } from '../views/load-report.js';
import type { FleetEvent } from './fleet-events.js';

type MachineChange = 'machine_added' | 'machine_changed' | 'machine_removed';

type Is<Kind, Fields> = { readonly kind: Kind } & Readonly<Fields>;

/** `by` is the name of the token that asked for it; null when it happened by itself, or without tokens. */
type OfMachine<Fields> = Fields & { cluster_id: number; machine_id: number; by: string | null };
type OfService<Fields> = Fields & { by: string | null };

/** Something that happened, in the names of the REST API. Log, watchers, history and metrics get the same one. */
export type Event =
  /** `reason` is the operator's text. */
  | Is<'node_state', OfMachine<StateChange & { machine: Machine; cause: Cause; reason: string | null }>>
  | Is<'drain', OfMachine<{ from: Drain | null; to: Drain | null; cause: Cause }>>
  | Is<MachineChange, OfMachine<{ machine: Machine; cause: Cause | 'resolved' | null }>>
  | Is<'reception', ReceptionChange & { number: number; module: string; cluster_id: number; machine_id: number }>
  /** `fields` are those that the request names. */
  | Is<'provisioning', OfMachine<{ change: 'created' | 'changed' | 'deleted'; url: string; fields: readonly string[] }>>
  | FleetEvent
  /** An MI command for machines of a fleet; `machines`: those it was sent to. Its parameters may be secret. */
  | Is<'mi', OfService<{ cluster_id: number; command: string; machines: readonly number[] }>>
  /** A message for the scripts of machines. Its text may be secret too. */
  | Is<'message_sent', OfService<{ cluster_id: number; reply: boolean; tag: string; machines: readonly number[] }>>
  /** `first`: the load at the start of the service. */
  | Is<'reload', OfService<{ first: boolean; report: LoadReport }>>
  /** `cluster_id` null: a registration for all clusters. */
  | Is<'registration', OfService<RegistrationChange & { cluster_id: number | null; log: RegistrationLog }>>;

type StateChange = { from: MachineState; to: MachineState };
type ReceptionChange = { from: Reception; to: Reception };
type RegistrationChange = { change: 'made' | 'ended'; cause: EndCause | null };

/** The events that calls report, not the engine. */
export type ReportedEvent = Extract<Event, { kind: 'provisioning' | 'mi' | 'message_sent' | 'reload' }>;

/** The effects that are events. */
export type EventEffect = Extract<Effect, { type: 'node_state' | 'drain_changed' | 'reception' | MachineChange }>;

/** The cause of an added, changed or removed machine, by command. `resolved`: its host has a new address. */
const CAUSES: Partial<Record<Command['type'], Cause | 'resolved'>> = {
  load: 'reload',
  put_machine: 'provisioning',
  remove_machine: 'provisioning',
  set_status: 'operator',
  drain: 'operator',
  remove_node: 'operator',
  address_resolved: 'resolved',
};

/** Causes that a caller can have asked for. Before a command, due changes happen first, which the caller did not ask for. */
const REQUESTED: readonly Cause[] = ['operator', 'set_state', 'reload', 'provisioning'];

/** The event that an effect is. */
export function eventOf(effect: EventEffect, origin: Origin): Event {
  if (effect.type === 'reception') {
    const { registration, machineId, from, to } = effect;
    const { number, module, clusterId } = registration;
    return { kind: 'reception', number, module, cluster_id: clusterId, machine_id: machineId, from, to };
  }
  const { machine } = effect;
  const id = { cluster_id: machine.clusterId, machine_id: machine.machineId };
  switch (effect.type) {
    case 'node_state': {
      const { from, to, cause } = effect;
      return { kind: 'node_state', ...id, machine, from, to, cause, by: actorOf(origin, cause), reason: origin.reason };
    }
    case 'drain_changed': {
      const { from, cause } = effect;
      return { kind: 'drain', ...id, from, to: machine.drain, cause, by: actorOf(origin, cause) };
    }
    default: {
      const cause = (origin.command !== null && CAUSES[origin.command]) || null;
      return { kind: effect.type, ...id, machine, cause, by: origin.by };
    }
  }
}

/** The event of a registration that was made, or has ended. */
export function registrationEvent(log: RegistrationLog, cause: EndCause | null): Event {
  const { clusterId } = log.registration;
  return {
    kind: 'registration',
    change: cause === null ? 'made' : 'ended',
    cluster_id: clusterId === 0 ? null : clusterId,
    cause,
    by: log.owner,
    log,
  };
}

/** The name of the token that asked for a change of state; null when it happened by itself. */
function actorOf({ by }: Origin, cause: Cause): string | null {
  return REQUESTED.includes(cause) ? by : null;
}

/** `by` where there is one: the log and watchers get no null. */
export function byField(by: string | null): { readonly by?: string } {
  return by === null ? {} : { by };
}
