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

/** The cluster that a change concerns; null for a change of the whole table. */
export function clusterOf({ params }: Change): number | null {
  if ('machine' in params) return params.machine.cluster_id;
  return 'cluster_id' in params ? params.cluster_id : null;
}
