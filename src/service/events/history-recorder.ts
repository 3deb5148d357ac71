import type { Machine } from '../../domain/machine.js';
import { machineKey } from '../machine-key.js';
import { drainView } from '../views/drain-view.js';
import { reloadCounts } from '../views/load-report.js';
import type { Event } from './event.js';
import type { HistoryLog } from './history-log.js';

/** Records events in the history. Reception is not recorded: thousands may fall silent at once. */
export class HistoryRecorder {
  /** The states before the service stopped, by machine; empty once the first load is done. */
  private readonly before = new Map<string, string>();

  constructor(private readonly history: HistoryLog) {}

  /** Reads the last states, so that the first load is compared with them. */
  async recall(): Promise<void> {
    for (const machine of await this.history.lastStates()) this.before.set(machineKey(machine), machine.state);
  }

  record(event: Event): void {
    switch (event.kind) {
      case 'node_state': {
        const { from, to, reason } = event;
        this.append(event, { from, to, ...(reason !== null && { reason }) });
        break;
      }
      case 'drain': {
        const { from, to } = event;
        const change = to === null ? 'ended' : from === null ? 'set' : 'changed';
        const drain = to ?? from;
        this.append(event, { change, ...(drain !== null && drainView(drain)) });
        break;
      }
      case 'machine_added':
        this.added(event.machine);
        break;
      case 'link': {
        const { settledFrom, to } = event;
        if (settledFrom !== null) this.append({ ...event, cause: null, by: null }, { from: settledFrom, to });
        break;
      }
      case 'capability': {
        const { name, from, to, isFirst } = event;
        if (!isFirst) this.append({ ...event, cause: null, by: null }, { name, from, to });
        break;
      }
      case 'provisioning': {
        const { change, url, fields } = event;
        this.append({ ...event, cause: null }, { change, url, fields });
        break;
      }
      case 'tag': {
        const { tag, owner, from, managed, fence, reason } = event;
        // What a machine announces by itself is not a change of the service's.
        if (reason === 'announced' || reason === 'lost') break;
        this.append({ ...event, cause: reason }, { tag, owner, from, managed, fence, reason });
        break;
      }
      case 'mi': {
        const { command, machines } = event;
        this.append({ ...event, cause: null }, { command, machines });
        break;
      }
      // Those of machines are not recorded: a script may send one for each call.
      case 'message_sent': {
        const { reply, tag, machines } = event;
        this.append({ ...event, kind: 'message', cause: null }, { reply, tag, machines });
        break;
      }
      case 'reload': {
        const { kind, first, report, by } = event;
        this.before.clear();
        this.append({ kind, cluster_id: null, cause: first ? 'start' : null, by }, reloadCounts(report));
        break;
      }
      case 'registration': {
        const { number, module, protocol, timeoutMs, authCheck } = event.log.registration;
        const request = { number, module, protocol, timeout: timeoutMs / 1000, auth_check: authCheck };
        this.append(event, { change: event.change, ...request });
        break;
      }
      default:
        break;
    }
  }

  /** To the engine a machine of the first load is new. In the history its state may have changed. */
  private added(machine: Machine): void {
    const { clusterId, machineId, state, drain } = machine;
    const from = this.before.get(machineKey(machine));
    if (from === undefined || from === state) return;
    const cause = drain === null ? 'reload' : 'drain';
    const event = { kind: 'node_state', cluster_id: clusterId, machine_id: machineId, cause, by: null };
    this.append(event, { from, to: state });
  }

  private append(
    event: {
      readonly kind: string;
      readonly cluster_id: number | null;
      readonly machine_id?: number | null;
      readonly cause: string | null;
      readonly by: string | null;
    },
    detail: Readonly<Record<string, unknown>>,
  ): void {
    const { kind, cluster_id, machine_id = null, cause, by } = event;
    this.history.append({ kind, clusterId: cluster_id, machineId: machine_id, cause, by, detail });
  }
}
