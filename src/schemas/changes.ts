import { type Static, Type } from 'typebox';
import { ReloadAnswer } from './cluster.js';
import { Choice, Id, named, ref } from './common.js';
import { MachineView, State } from './machine.js';
import { ModuleView } from './packet.js';
import { Reception } from './registration.js';

/** What brings a machine to another state. */
const STATE_CAUSES = [
  'send_failed',
  'duration_passed',
  'operator',
  'set_state',
  'reload',
  'provisioning',
  'drain',
  'drain_end',
] as const;

const seq = Type.Integer({ minimum: 1, description: 'rises by exactly 1 over all changes of this process' });
const by = Type.Optional(Type.String({ description: 'name of the token behind it' }));

const MachineChange = Type.Object({
  seq,
  machine: ref(MachineView),
  cause: Type.Optional(
    Choice([...STATE_CAUSES, 'resolved'], 'resolved: its host was found at another address than before'),
  ),
  by,
});
const ModuleChange = Type.Object({ seq, ...ModuleView.properties });

/** What a watcher is told, by method: the parameters of the notification (contract, section 5). */
export const CHANGES = {
  node_state: Type.Object({
    seq,
    machine: ref(MachineView),
    from: State,
    to: State,
    cause: Choice(STATE_CAUSES, 'who or what changed the state'),
    by,
  }),
  machine_added: MachineChange,
  machine_changed: MachineChange,
  machine_removed: MachineChange,
  nodes_reloaded: Type.Object({ seq, ...ReloadAnswer.properties, by }),
  module_registered: ModuleChange,
  module_unregistered: ModuleChange,
  reception: Type.Object({
    seq,
    number: Type.Integer({ minimum: 1, description: 'stands for the registration' }),
    module: Type.String(),
    cluster_id: Id('cluster'),
    machine_id: Id('machine within the cluster'),
    from: Reception,
    to: Reception,
  }),
} as const;
export type ChangeName = keyof typeof CHANGES;
export type Changes = { readonly [M in ChangeName]: Static<(typeof CHANGES)[M]> };

/** What a watcher starts from: the stream continues it at `seq` + 1. */
export const Snapshot = named(
  'Snapshot',
  Type.Object({
    seq: Type.Integer({ minimum: 0, description: 'the stream goes on behind it' }),
    nodes: Type.Array(ref(MachineView)),
    modules: Type.Array(ref(ModuleView)),
  }),
);
export type Snapshot = Static<typeof Snapshot>;
