import { ReloadAnswer } from './cluster.js';
import { ChangeSeq, Choice, exampleOf, Id, named, ref } from './common.js';
import { FLEET_CHANGES } from './fleet.js';
import { MachineView, State } from './machine.js';
import { ModuleView } from './packet.js';
import { Reception } from './registration.js';
import { TAG_CHANGE } from './tags.js';
import { type Static, Type } from './typebox.js';

/** The causes of a state change. */
export const STATE_CAUSES = [
  'send_failed',
  'duration_passed',
  'operator',
  'set_state',
  'reload',
  'provisioning',
  'drain',
  'drain_end',
  'ping_failed',
  'link_up',
] as const;

const seq = ChangeSeq;
const by = Type.Optional(Type.String({ description: 'name of the token that was used' }));

const MACHINE = exampleOf(MachineView);

function machineChange(description: string) {
  const cause = Choice([...STATE_CAUSES, 'resolved'], 'resolved: the host name now resolves to another address');
  return Type.Object(
    { seq, machine: ref(MachineView), cause: Type.Optional(cause), by },
    { description, examples: [{ seq: 13, machine: MACHINE, cause: 'provisioning', by: 'alice' }] },
  );
}

function moduleChange(description: string) {
  return Type.Object(
    { seq, ...ModuleView.properties },
    { description, examples: [{ seq: 13, ...Object(exampleOf(ModuleView)) }] },
  );
}

/** The notifications of `watch`: parameters by method. */
export const CHANGES = {
  node_state: Type.Object(
    {
      seq,
      machine: ref(MachineView),
      from: State,
      to: State,
      cause: Choice(STATE_CAUSES, 'cause of the change'),
      by,
    },
    {
      description: 'The state of a machine changed',
      examples: [
        {
          seq: 13,
          machine: { ...Object(MACHINE), state: 'down' },
          from: 'up',
          to: 'down',
          cause: 'operator',
          by: 'alice',
        },
      ],
    },
  ),
  machine_added: machineChange('A machine was added'),
  machine_changed: machineChange('A machine changed, not only in its state'),
  machine_removed: machineChange('A machine was removed; shows its last state'),
  nodes_reloaded: Type.Object(
    { seq, ...ReloadAnswer.properties, by },
    {
      description: 'The table was reloaded; sent to the watchers of all clusters',
      examples: [{ seq: 13, ...Object(exampleOf(ReloadAnswer)), by: 'alice' }],
    },
  ),
  module_registered: moduleChange('A registration started'),
  module_unregistered: moduleChange('A registration ended; shows its last state'),
  reception: Type.Object(
    {
      seq,
      number: Type.Integer({ minimum: 1, description: 'public number of the registration' }),
      module: Type.String(),
      cluster_id: Id('cluster'),
      machine_id: Id('machine within the cluster'),
      from: Reception,
      to: Reception,
    },
    {
      description: 'Silence disabled the reception of a machine for a registration, or it is enabled again',
      examples: [{ seq: 13, number: 1, module: 'ul', cluster_id: 1, machine_id: 2, from: 'receiving', to: 'disabled' }],
    },
  ),
  ...FLEET_CHANGES,
  tag: TAG_CHANGE,
} as const;
export type ChangeName = keyof typeof CHANGES;
export type Changes = { readonly [M in ChangeName]: Static<(typeof CHANGES)[M]> };

/** The start of a watch: its stream continues with `seq` + 1. */
export const Snapshot = named(
  'Snapshot',
  Type.Object(
    {
      seq: Type.Integer({ minimum: 0, description: 'the stream continues after it' }),
      nodes: Type.Array(ref(MachineView)),
      modules: Type.Array(ref(ModuleView)),
    },
    {
      description: 'All machines and registrations that are watched',
      examples: [{ seq: 12, nodes: [MACHINE], modules: [exampleOf(ModuleView)] }],
    },
  ),
);
export type Snapshot = Static<typeof Snapshot>;
