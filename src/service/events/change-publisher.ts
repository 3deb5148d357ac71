import type { Machine } from '../../domain/machine.js';
import type { ClusterTable } from '../../domain/table.js';
import type { Now } from '../../ground/now.js';
import type { MachineView } from '../../schemas/machine.js';
import { reloadView } from '../views/load-report.js';
import { machineView, moduleView } from '../views/views.js';
import type { ChangeLog } from './change-log.js';
import { nodeStateChange, receptionChange, tagChange } from './change-params.js';
import { byField, type Event } from './event.js';

/** Publishes events to the watchers. Drains and provisioning are not changes of their own: the machine shows them. */
export class ChangePublisher {
  constructor(
    private readonly changes: ChangeLog,
    private readonly table: ClusterTable,
    private readonly now: () => Now,
  ) {}

  publish(event: Event): void {
    switch (event.kind) {
      case 'node_state': {
        this.changes.append(event.kind, event.cluster_id, () => nodeStateChange(event, this.view));
        break;
      }
      case 'machine_added':
      case 'machine_changed':
      case 'machine_removed': {
        const { kind, cluster_id, machine, cause, by } = event;
        this.changes.append(kind, cluster_id, () => {
          return { machine: this.view(machine), ...(cause !== null && { cause }), ...byField(by) };
        });
        break;
      }
      case 'reception': {
        this.changes.append(event.kind, event.cluster_id, () => receptionChange(event));
        break;
      }
      case 'link':
        this.changes.append(event.kind, event.cluster_id, () => {
          const { kind, settledFrom, ...params } = event;
          return params;
        });
        break;
      case 'capability':
        this.changes.append(event.kind, event.cluster_id, () => {
          const { kind, isFirst, ...params } = event;
          return params;
        });
        break;
      case 'topology':
      case 'message':
        this.changes.append(event.kind, event.cluster_id, () => {
          const { kind, ...params } = event;
          return params;
        });
        break;
      case 'tag':
        this.changes.append(event.kind, event.cluster_id, () => tagChange(event));
        break;
      case 'reload':
        this.changes.append('nodes_reloaded', null, () => ({ ...reloadView(event.report), ...byField(event.by) }));
        break;
      case 'registration': {
        const method = event.change === 'made' ? 'module_registered' : 'module_unregistered';
        this.changes.append(method, event.cluster_id, () => moduleView(event.log, this.now()));
        break;
      }
      default:
        break;
    }
  }

  /** The machine as it is now. */
  readonly view = (machine: Machine): MachineView => {
    const { silentFor = null, peer = null } = this.table.cell(machine.clusterId, machine.machineId) ?? {};
    return machineView({ machine, silentFor, peer }, this.now());
  };
}
