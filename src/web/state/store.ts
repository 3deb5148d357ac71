import type { Change, Machine, Module, Reception, Snapshot, State } from './messages.js';

/** Since when a machine is in its state, and why, as far as this page can know. */
export interface Since {
  /** Unix milliseconds: when it changed; for `before` and `away` a time by which it had. */
  readonly at: number;
  /**
   * How that is known: `told` as it happened or by the history; `before`: it was so when the page was opened;
   * `away`: it changed while the page was not connected.
   */
  readonly known: 'told' | 'before' | 'away';
  readonly cause: string | null;
  readonly by: string | null;
}

/** A machine as it was told last, with the instant of that: seconds count from there. */
export interface Shown {
  readonly machine: Machine;
  readonly toldAt: number;
  readonly since: Since;
}

/** Names a machine among those of all clusters. */
export function keyOf({ cluster_id, machine_id }: { cluster_id: number; machine_id: number }): string {
  return `${cluster_id}/${machine_id}`;
}

/** What the page knows of the service. Times are arguments: unix milliseconds. */
export class Store {
  readonly machines = new Map<string, Shown>();
  /** By their number. */
  readonly modules = new Map<number, Module>();
  private connectedBefore = false;

  /** Begins anew, as after every connect; what has not changed since keeps what is known of it. */
  begin({ nodes, modules }: Snapshot, at: number): void {
    const before = new Map(this.machines);
    this.machines.clear();
    for (const machine of nodes) {
      const known = before.get(keyOf(machine));
      const unknown: Since = { at, known: this.connectedBefore ? 'away' : 'before', cause: null, by: null };
      const since = known?.machine.state === machine.state ? known.since : unknown;
      this.machines.set(keyOf(machine), { machine, toldAt: at, since });
    }
    this.modules.clear();
    for (const module of modules) this.modules.set(module.number, module);
    this.connectedBefore = true;
  }

  apply({ method, params }: Change, at: number): void {
    switch (method) {
      case 'node_state': {
        const { machine, cause, by = null } = params;
        this.machines.set(keyOf(machine), { machine, toldAt: at, since: { at, known: 'told', cause, by } });
        break;
      }
      case 'machine_added':
      case 'machine_changed': {
        const { machine, cause = null, by = null } = params;
        const since = this.machines.get(keyOf(machine))?.since ?? { at, known: 'told', cause, by };
        this.machines.set(keyOf(machine), { machine, toldAt: at, since });
        break;
      }
      case 'machine_removed':
        this.machines.delete(keyOf(params.machine));
        break;
      case 'module_registered':
        this.modules.set(params.number, params);
        break;
      case 'module_unregistered':
        this.modules.delete(params.number);
        this.recountSilence(params.machines.map(({ machine_id }) => keyOf({ ...params, machine_id })));
        break;
      case 'reception':
        this.setReception(params.number, params.machine_id, params.to);
        this.recountSilence([keyOf(params)]);
        break;
      case 'nodes_reloaded':
        break;
    }
  }

  /**
   * Takes what nobody is notified of, tries and silence, from a later list; states are told in order, and may be newer than the list.
   * Answers the keys of the machines that it changed.
   */
  refresh(nodes: readonly Machine[], at: number): string[] {
    const changed: string[] = [];
    for (const machine of nodes) {
      const shown = this.machines.get(keyOf(machine));
      if (shown === undefined || shown.machine.state !== machine.state) continue;
      const { no_tries, last_attempt, disabled_for } = machine;
      const old = shown.machine;
      const same = old.no_tries === no_tries && old.last_attempt === last_attempt;
      if (same && String(old.disabled_for) === String(disabled_for)) continue;
      // The seconds belong to the instant of this list.
      const { seconds_until_enabling } = machine;
      const next = { ...old, no_tries, last_attempt, disabled_for, seconds_until_enabling };
      this.machines.set(keyOf(machine), { ...shown, machine: next, toldAt: at });
      changed.push(keyOf(machine));
    }
    return changed;
  }

  /** Takes the history's word for a machine whose state (null: any) was there before the page; answers whether that says more. */
  learn(key: string, state: State | null, since: Since): boolean {
    const shown = this.machines.get(key);
    if (shown === undefined || shown.since.known === 'told') return false;
    if (state !== null && shown.machine.state !== state) return false;
    this.machines.set(key, { ...shown, since });
    return true;
  }

  private setReception(number: number, machineId: number, reception: Reception): void {
    const module = this.modules.get(number);
    if (module === undefined) return;
    const machines = module.machines.map((one) => (one.machine_id === machineId ? { ...one, reception } : one));
    this.modules.set(number, { ...module, machines });
  }

  private recountSilence(keys: readonly string[]): void {
    for (const key of keys) {
      const shown = this.machines.get(key);
      if (shown === undefined) continue;
      const { machine_id, cluster_id } = shown.machine;
      const silent = [...this.modules.values()].filter((module) => {
        const watched = module.cluster_id === cluster_id ? module.machines : [];
        return watched.some((one) => one.machine_id === machine_id && one.reception === 'disabled');
      });
      const disabled_for = [...new Set(silent.map(({ module }) => module))].sort();
      this.machines.set(key, { ...shown, machine: { ...shown.machine, disabled_for } });
    }
  }
}
