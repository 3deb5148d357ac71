import type { ReloadAnswer } from '../schemas/cluster.js';
import type { MachineView } from '../schemas/machine.js';
import type { ModuleView } from '../schemas/packet.js';

export type Machine = MachineView;
export type State = Machine['state'];
export type Drain = NonNullable<Machine['drain']>;
export type Module = ModuleView;
export type Reception = Module['machines'][number]['reception'];

/** What a watch starts from. */
export interface Snapshot {
  readonly nodes: readonly Machine[];
  readonly modules: readonly Module[];
}

/** What a watch is told (contract, section 5), by the name of the notification. */
export interface Changes {
  readonly node_state: { machine: Machine; from: State; to: State; cause: string; by?: string };
  readonly machine_added: { machine: Machine; cause?: string; by?: string };
  readonly machine_changed: { machine: Machine; cause?: string; by?: string };
  readonly machine_removed: { machine: Machine; cause?: string; by?: string };
  readonly nodes_reloaded: ReloadAnswer & { by?: string };
  readonly module_registered: Module;
  readonly module_unregistered: Module;
  readonly reception: { number: number; module: string; cluster_id: number; machine_id: number; from: Reception; to: Reception };
}

/** One of them. */
export type Change = { [M in keyof Changes]: { readonly method: M; readonly params: Changes[M] } }[keyof Changes];
