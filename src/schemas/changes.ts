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

function machineChange(description: string) {
  const cause = Choice([...STATE_CAUSES, 'resolved'], 'resolved: its host was found at another address than before');
  return Type.Object({ seq, machine: ref(MachineView), cause: Type.Optional(cause), by }, { description });
}

function moduleChange(description: string) {
  return Type.Object({ seq, ...ModuleView.properties }, { description });
}

/** What a watcher is told, by method: the parameters of the notification. */
export const CHANGES = {
  node_state: Type.Object(
    {
      seq,
      machine: ref(MachineView),
      from: State,
      to: State,
      cause: Choice(STATE_CAUSES, 'who or what changed the state'),
      by,
    },
    { description: 'A machine has changed its state' },
  ),
  machine_added: machineChange('A machine has come in'),
  machine_changed: machineChange('Something of a machine has changed that is not its state alone'),
  machine_removed: machineChange('A machine is gone; as it was'),
  nodes_reloaded: Type.Object(
    { seq, ...ReloadAnswer.properties, by },
    { description: 'The table has been read again; goes to the watchers of every cluster' },
  ),
  module_registered: moduleChange('A registration has begun'),
  module_unregistered: moduleChange('A registration has ended; as it was'),
  reception: Type.Object(
    {
      seq,
      number: Type.Integer({ minimum: 1, description: 'stands for the registration' }),
      module: Type.String(),
      cluster_id: Id('cluster'),
      machine_id: Id('machine within the cluster'),
      from: Reception,
      to: Reception,
    },
    { description: 'The reception of a machine was disabled for a registration by silence, or is enabled again' },
  ),
} as const;
export type ChangeName = keyof typeof CHANGES;
export type Changes = { readonly [M in ChangeName]: Static<(typeof CHANGES)[M]> };

/** What a watcher starts from: the stream continues it at `seq` + 1. */
export const Snapshot = named(
  'Snapshot',
  Type.Object(
    {
      seq: Type.Integer({ minimum: 0, description: 'the stream goes on behind it' }),
      nodes: Type.Array(ref(MachineView)),
      modules: Type.Array(ref(ModuleView)),
    },
    { description: 'All machines and registrations of what is watched' },
  ),
);
export type Snapshot = Static<typeof Snapshot>;
