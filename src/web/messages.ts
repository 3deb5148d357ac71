import type { ChangeName, Changes } from '../schemas/changes.js';
import type { MachineView } from '../schemas/machine.js';
import type { ModuleView } from '../schemas/packet.js';

export interface Drain {
  readonly reason: string | null;
  readonly until: string | null;
  readonly by: string | null;
  readonly since: string;
}
export type Machine = MachineView & { readonly drain?: Drain };
export type State = Machine['state'];
export type Module = ModuleView;
export type Reception = Module['machines'][number]['reception'];

/** What a watch starts from. */
export interface Snapshot {
  readonly nodes: readonly Machine[];
  readonly modules: readonly Module[];
}

type Shown<P> = P extends { machine: unknown } ? Omit<P, 'machine' | 'seq'> & { machine: Machine } : Omit<P, 'seq'>;

/** One thing that a watch tells of, by the name of its notification. */
export type Change = { [M in ChangeName]: { readonly method: M; readonly params: Shown<Changes[M]> } }[ChangeName];
