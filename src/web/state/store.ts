import type { Change, Machine, Module, Reception, Snapshot, State } from './messages.js';
import { sameTold, toldOf } from './told.js';

/** Since when a machine is in its state, and why, as far as the page knows. */
export interface Since {
  /** Unix milliseconds: when the state changed; with `before` and `away`, a time by which it had changed. */
  readonly at: number;
  /**
   * `observed`: by a notification or in the history; `before`: it was so when the page was opened; `away`: it changed while the page
   * was not connected.
   */
  readonly known: 'observed' | 'before' | 'away';
  readonly cause: string | null;
  readonly by: string | null;
}

/** A machine as last received. Its remaining seconds count from `updatedAt`. */
export interface KnownMachine {
  readonly machine: Machine;
  readonly updatedAt: number;
  readonly since: Since;
}

/** A key for a machine among those of all clusters. */
export function machineKey({ cluster_id, machine_id }: { cluster_id: number; machine_id: number }): string {
  return `${cluster_id}/${machine_id}`;
}

/** The page's copy of the machines and modules. Times are arguments, in Unix milliseconds. */
export class Store {
  readonly machines = new Map<string, KnownMachine>();
  /** By number. */
  readonly modules = new Map<number, Module>();
  private connectedBefore = false;

  /** Takes the state after a connect. A machine whose state is the same keeps its `since`. */
  begin({ nodes, modules }: Snapshot, at: number): void {
    const before = new Map(this.machines);
    this.machines.clear();
    for (const machine of nodes) {
      const known = before.get(machineKey(machine));
      const unknown: Since = { at, known: this.connectedBefore ? 'away' : 'before', cause: null, by: null };
      const since = known?.machine.state === machine.state ? known.since : unknown;
      this.machines.set(machineKey(machine), { machine, updatedAt: at, since });
    }
    this.modules.clear();
    for (const module of modules) this.modules.set(module.number, module);
    this.connectedBefore = true;
  }

  apply({ method, params }: Change, at: number): void {
    switch (method) {
      case 'node_state': {
        const { machine, cause, by = null } = params;
        this.machines.set(machineKey(machine), { machine, updatedAt: at, since: { at, known: 'observed', cause, by } });
        break;
      }
      case 'machine_added':
      case 'machine_changed': {
        const { machine, cause = null, by = null } = params;
        const since = this.machines.get(machineKey(machine))?.since ?? { at, known: 'observed', cause, by };
        this.machines.set(machineKey(machine), { machine, updatedAt: at, since });
        break;
      }
      case 'machine_removed':
        this.machines.delete(machineKey(params.machine));
        break;
      case 'module_registered':
        this.modules.set(params.number, params);
        break;
      case 'module_unregistered':
        this.modules.delete(params.number);
        this.recountSilence(params.machines.map(({ machine_id }) => machineKey({ ...params, machine_id })));
        break;
      case 'reception':
        this.setReception(params.number, params.machine_id, params.to);
        this.recountSilence([machineKey(params)]);
        break;
      case 'link': {
        const shown = this.machines.get(machineKey(params));
        if (shown === undefined) break;
        this.machines.set(machineKey(params), { ...shown, machine: { ...shown.machine, link: params.to } });
        break;
      }
      case 'capability': {
        const shown = this.machines.get(machineKey(params));
        if (shown === undefined) break;
        const { name, to } = params;
        const others = (shown.machine.capabilities ?? []).filter((one) => one.name !== name);
        const capabilities = [...others, { name, state: to }].sort((a, b) => (a.name < b.name ? -1 : 1));
        this.machines.set(machineKey(params), { ...shown, machine: { ...shown.machine, capabilities } });
        break;
      }
      case 'nodes_reloaded':
      // The next list has them.
      case 'topology':
      case 'message':
        break;
    }
  }

  /**
   * Takes tries, silence and what fleets tell, for which there are no notifications of machines, from a list. The list may be older than
   * the known states, so it changes none. Returns the keys of the changed machines.
   */
  refresh(nodes: readonly Machine[], at: number): string[] {
    const changed: string[] = [];
    for (const machine of nodes) {
      const shown = this.machines.get(machineKey(machine));
      if (shown === undefined || shown.machine.state !== machine.state) continue;
      const { no_tries, last_attempt, disabled_for } = machine;
      const old = shown.machine;
      const same = old.no_tries === no_tries && old.last_attempt === last_attempt;
      if (same && String(old.disabled_for) === String(disabled_for) && sameTold(old, machine)) continue;
      // The seconds count from the time of this list.
      const { seconds_until_enabling } = machine;
      const next = { ...old, no_tries, last_attempt, disabled_for, seconds_until_enabling, ...toldOf(machine) };
      this.machines.set(machineKey(machine), { ...shown, machine: next, updatedAt: at });
      changed.push(machineKey(machine));
    }
    return changed;
  }

  /**
   * Takes `since` from the history for a machine that is in this state (null: any) and was before the page was opened.
   * Returns whether it was taken.
   */
  applyHistory(key: string, state: State | null, since: Since): boolean {
    const shown = this.machines.get(key);
    if (shown === undefined || shown.since.known === 'observed') return false;
    if (state !== null && shown.machine.state !== state) return false;
    this.machines.set(key, { ...shown, since });
    return true;
  }

  /** The machines of a cluster. */
  machinesOf(clusterId: number): Machine[] {
    const machines = [...this.machines.values()].map(({ machine }) => machine);
    return machines.filter(({ cluster_id }) => cluster_id === clusterId);
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
