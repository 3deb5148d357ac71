import type { ChangeEvent, MachineView, ModuleView } from '../../client/browser.js';

export type Machine = MachineView;
export type Drain = NonNullable<Machine['drain']>;
export type State = Machine['state'];
export type Module = ModuleView;
export type Reception = Module['machines'][number]['reception'];

/** The state that a watch starts from. */
export interface Snapshot {
  readonly nodes: readonly Machine[];
  readonly modules: readonly Module[];
}

export type Change = ChangeEvent;
