import type { Effect } from '../../domain/effects.js';
import type { RegistrationLog } from '../delivery/registration-log.js';
import type { EndCause } from '../delivery/registrations.js';
import type { Origin } from '../engine-loop.js';
import { drainView } from '../views/drain-view.js';
import { type LoadReport, reloadCounts } from '../views/load-report.js';
import type { MachineFields, Provisioned } from '../views/provisioned.js';
import { askedBy } from './actor-of.js';
import type { HistoryLog } from './history-log.js';

/** Provisioned fields in the outside's names. */
const FIELD_NAMES: Readonly<Record<keyof MachineFields, string>> = {
  url: 'url',
  description: 'description',
  state: 'state',
  failedAttempts: 'failed_attempts',
  duration: 'duration',
};

/** Says in the history what happened, in the outside's names. Reception is not in it: thousands may fall silent at once. */
export class Recording {
  /** The states before the service stopped, by machine; empty once the first load is done. */
  private readonly before = new Map<string, string>();

  constructor(private readonly history: HistoryLog) {}

  /** Before the first load: what it then brings is compared with how the machines were. */
  async recall(): Promise<void> {
    for (const { clusterId, machineId, state } of await this.history.lastStates()) {
      this.before.set(`${clusterId}/${machineId}`, state);
    }
  }

  /** To the engine a machine of the first load is new; to whoever reads the history it may have changed its state. */
  added({ machine }: Effect & { type: 'machine_added' }): void {
    const { clusterId, machineId, state, drain } = machine;
    const from = this.before.get(`${clusterId}/${machineId}`);
    if (from === undefined || from === state) return;
    const cause = drain === null ? 'reload' : 'drain';
    this.history.append({ kind: 'node_state', clusterId, machineId, cause, by: null, detail: { from, to: state } });
  }

  state({ machine, from, to, cause }: Effect & { type: 'node_state' }, origin: Origin): void {
    const { clusterId, machineId } = machine;
    const { reason } = origin;
    const detail = { from, to, ...(reason !== null && { reason }) };
    this.history.append({ kind: 'node_state', clusterId, machineId, cause, by: askedBy(origin, cause), detail });
  }

  drain({ machine, from, cause }: Effect & { type: 'drain_changed' }, origin: Origin): void {
    const { clusterId, machineId, drain } = machine;
    const change = drain === null ? 'ended' : from === null ? 'set' : 'changed';
    const told = drain ?? from;
    const detail = { change, ...(told !== null && drainView(told)) };
    this.history.append({ kind: 'drain', clusterId, machineId, cause, by: askedBy(origin, cause), detail });
  }

  provisioned(
    change: 'created' | 'changed' | 'deleted',
    { machine }: Provisioned,
    fields: MachineFields,
    by: string | null,
  ): void {
    const { clusterId, machineId, url } = machine;
    const names = (Object.keys(fields) as (keyof MachineFields)[]).map((field) => FIELD_NAMES[field]);
    const detail = { change, url, fields: names };
    this.history.append({ kind: 'provisioning', clusterId, machineId, cause: null, by, detail });
  }

  reloaded(report: LoadReport, first: boolean, by: string | null): void {
    const detail = reloadCounts(report);
    const cause = first ? 'start' : null;
    this.before.clear();
    this.history.append({ kind: 'reload', clusterId: null, machineId: null, cause, by, detail });
  }

  registered(log: RegistrationLog): void {
    this.registration(log, 'made', null);
  }

  unregistered(log: RegistrationLog, cause: EndCause): void {
    this.registration(log, 'ended', cause);
  }

  private registration(
    { registration, owner }: RegistrationLog,
    change: 'made' | 'ended',
    cause: EndCause | null,
  ): void {
    const { number, module, protocol, clusterId, timeoutMs, authCheck } = registration;
    const request = { number, module, protocol, timeout: timeoutMs / 1000, auth_check: authCheck };
    this.history.append({
      kind: 'registration',
      clusterId: clusterId === 0 ? null : clusterId,
      machineId: null,
      cause,
      by: owner,
      detail: { change, ...request },
    });
  }
}
