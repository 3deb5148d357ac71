import type { Command } from '../../domain/commands.js';
import type { Drain } from '../../domain/drain.js';
import type { Effect } from '../../domain/effects.js';
import type { Cause, Machine, MachineState } from '../../domain/machine.js';
import type { Reception } from '../../domain/reception.js';
import type { RegistrationLog } from '../delivery/registration-log.js';
import type { EndCause } from '../delivery/registrations.js';
import type { Origin } from '../engine-loop.js';
import type { LoadReport } from '../views/load-report.js';
import { actorOf } from './actor-of.js';

/** What every event of a machine has. `by` is the name of the token, or null. */
interface OfMachine {
  readonly cluster_id: number;
  readonly machine_id: number;
  readonly by: string | null;
}

/** Something that happened, in the names of the REST API: what the log, watchers, the history and metrics get. */
export type Event =
  | (OfMachine & {
      readonly kind: 'node_state';
      readonly machine: Machine;
      readonly from: MachineState;
      readonly to: MachineState;
      readonly cause: Cause;
      /** The operator's words. */
      readonly reason: string | null;
    })
  | (OfMachine & {
      readonly kind: 'drain';
      readonly from: Drain | null;
      readonly to: Drain | null;
      readonly cause: Cause;
    })
  | (OfMachine & {
      readonly kind: MachineChange;
      readonly machine: Machine;
      readonly cause: Cause | 'resolved' | null;
    })
  | {
      readonly kind: 'reception';
      readonly number: number;
      readonly module: string;
      readonly cluster_id: number;
      readonly machine_id: number;
      readonly from: Reception;
      readonly to: Reception;
    }
  | (OfMachine & {
      readonly kind: 'provisioning';
      readonly change: 'created' | 'changed' | 'deleted';
      readonly url: string;
      /** The fields that the request names. */
      readonly fields: readonly string[];
    })
  | {
      readonly kind: 'reload';
      /** The load at the start of the service. */
      readonly first: boolean;
      readonly report: LoadReport;
      readonly by: string | null;
    }
  | {
      readonly kind: 'registration';
      readonly change: 'made' | 'ended';
      /** Null: the registration is for all clusters. */
      readonly cluster_id: number | null;
      readonly cause: EndCause | null;
      readonly by: string | null;
      readonly log: RegistrationLog;
    };

type MachineChange = 'machine_added' | 'machine_changed' | 'machine_removed';

/** The effects that are events. */
export type EventEffect = Extract<Effect, { type: 'node_state' | 'drain_changed' | 'reception' | MachineChange }>;

/** Which command adds, changes and removes machines. A host with a new address is neither a reload nor provisioning. */
const CAUSES: Partial<Record<Command['type'], Cause | 'resolved'>> = {
  load: 'reload',
  put_machine: 'provisioning',
  remove_machine: 'provisioning',
  set_status: 'operator',
  drain: 'operator',
  address_resolved: 'resolved',
};

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
