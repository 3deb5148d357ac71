import type { Command } from '../../domain/commands.js';
import type { Effect } from '../../domain/effects.js';
import type { Cause, Machine } from '../../domain/machine.js';
import type { ClusterTable } from '../../domain/table.js';
import type { Now } from '../../ground/now.js';
import type { MachineView } from '../../schemas/machine.js';
import type { Origin } from '../engine-loop.js';
import { machineView } from '../views/views.js';
import { askedBy } from './actor-of.js';
import type { ChangeLog } from './change-log.js';

/** What brings machines in and out; a host that was looked up anew is neither a reload nor provisioning. */
const CAUSES: Partial<Record<Command['type'], Cause | 'resolved'>> = {
  load: 'reload',
  put_machine: 'provisioning',
  remove_machine: 'provisioning',
  set_status: 'operator',
  drain: 'operator',
  address_resolved: 'resolved',
};

/** Tells the watchers what the engine's effects change. */
export class Watching {
  constructor(
    private readonly changes: ChangeLog,
    private readonly table: ClusterTable,
    private readonly now: () => Now,
  ) {}

  tell(effect: Effect, origin: Origin): void {
    const { command, by } = origin;
    switch (effect.type) {
      case 'node_state': {
        const { machine, from, to, cause } = effect;
        const asked = askedBy(origin, cause);
        this.changes.append(effect.type, machine.clusterId, () => {
          return { machine: this.view(machine), from, to, cause, ...(asked !== null && { by: asked }) };
        });
        break;
      }
      case 'machine_added':
      case 'machine_changed':
      case 'machine_removed': {
        const { machine } = effect;
        const cause = command === null ? undefined : CAUSES[command];
        this.changes.append(effect.type, machine.clusterId, () => {
          return { machine: this.view(machine), ...(cause && { cause }), ...(by !== null && { by }) };
        });
        break;
      }
      case 'reception': {
        const { registration, machineId, from, to } = effect;
        const { number, module, clusterId } = registration;
        this.changes.append(effect.type, clusterId, () => {
          return { number, module, cluster_id: clusterId, machine_id: machineId, from, to };
        });
        break;
      }
      default:
        break;
    }
  }

  private view(machine: Machine): MachineView {
    const silentFor = this.table.cell(machine.clusterId, machine.machineId)?.silentFor ?? null;
    return machineView({ machine, silentFor }, this.now());
  }
}
