import { ChangeSeq, Choice, Id, named, OrNull, ref } from './common.js';
import { type Static, Type } from './typebox.js';
import { LARGEST_ID } from './values.js';

/** The fields and changes of machines in clusters of OpenSIPS 2.4 to 4.0. */

export const LINK_STATES = ['up', 'probing', 'down'] as const;
export const LinkState = Choice(
  LINK_STATES,
  'link to the machine. up: it replies to pings; probing: a reply is awaited; down: it does not reply, or is not pinged',
);
export type LinkState = Static<typeof LinkState>;

export const CapabilityState = Choice(['synced', 'not_synced'], 'synced: the machine has the data of the capability');
export type CapabilityState = Static<typeof CapabilityState>;

const RELEASES = ['2.4.0-3.0.0', '2.4.7-3.1.6', '3.1.7-3.1.17', '3.2.0-3.2.3', '3.2.4-3.2.19', '3.3-4.0'] as const;

export const MachineCapability = named(
  'MachineCapability',
  Type.Object({ name: Type.String(), state: CapabilityState }),
);

export const FLEET_FIELDS = {
  dialect: Choice(['2.4'], 'present only in clusters of OpenSIPS 2.4 to 4.0, like the fields after it'),
  learned: Type.Optional(
    Type.Literal(true, {
      description: 'present only for a machine without a row, which was learned from the cluster; `clusterer_id` is 0',
    }),
  ),
  priority: Type.Integer({
    description: 'among equally short paths, packets go through the machine with the lower priority',
  }),
  sip_addr: OrNull(Type.String({ description: 'SIP address' })),
  link: LinkState,
  next_hop: OrNull(
    Type.Integer({
      minimum: 1,
      maximum: LARGEST_ID,
      description:
        'the machine to which packets for this one are sent: itself while its link is up, otherwise one that forwards them; null: no machine reaches it',
    }),
  ),
  releases: OrNull(
    Choice(RELEASES, 'the releases of OpenSIPS that write packets like those of this machine; null: unknown'),
  ),
  capabilities: Type.Array(ref(MachineCapability), {
    description: 'what its modules replicate, in order of names',
  }),
};
const FleetFields = Type.Object(FLEET_FIELDS);
export type FleetMachineFields = Static<typeof FleetFields>;

const common = { seq: ChangeSeq, cluster_id: Id('cluster'), machine_id: Id('machine within the cluster') };

const COMMON = { seq: 13, cluster_id: 1, machine_id: 2 };

/** Notifications of `watch` about clusters of OpenSIPS 2.4 to 4.0: parameters by method. */
export const FLEET_CHANGES = {
  link: Type.Object(
    { ...common, from: LinkState, to: LinkState },
    {
      description: 'The link to a machine changed; only in clusters of OpenSIPS 2.4 to 4.0',
      examples: [{ ...COMMON, from: 'up', to: 'probing' }],
    },
  ),
  capability: Type.Object(
    { ...common, name: Type.String(), from: OrNull(CapabilityState), to: CapabilityState },
    {
      description: 'A machine announced a new capability (`from` is null), or a change of its state',
      examples: [{ ...COMMON, name: 'usrloc-contact-repl', from: null, to: 'synced' }],
    },
  ),
  topology: Type.Object(
    {
      ...common,
      neighbours: Type.Array(Id('machine within the cluster'), {
        description: 'the machines to which its links are up',
      }),
    },
    {
      description: 'The links of a machine to others changed; only in clusters of OpenSIPS 2.4 to 4.0',
      examples: [{ ...COMMON, neighbours: [1, 3] }],
    },
  ),
  message: Type.Object(
    {
      ...common,
      reply: Type.Boolean({ description: 'whether it replies to an earlier message' }),
      tag: Type.String({ description: 'chosen by the sender; a reply has the tag of its request' }),
      message: Type.String(),
    },
    {
      description:
        'An OpenSIPS script on a machine sent a message to this service; only in clusters of OpenSIPS 2.4 to 4.0',
      examples: [{ ...COMMON, reply: false, tag: '7f3a', message: 'reload the blacklist' }],
    },
  ),
} as const;

const MachineId = Id('machine within the cluster');

export const TopologyMachine = named(
  'TopologyMachine',
  Type.Object({
    machine_id: MachineId,
    own: Type.Boolean({ description: 'whether it is this service' }),
    neighbours: Type.Array(MachineId, {
      description: 'the machines to which its links are up, as it has announced; sorted',
    }),
  }),
);

export const TopologyAnswer = named(
  'ClusterTopology',
  Type.Object(
    {
      machines: Type.Array(ref(TopologyMachine), { description: 'this service first, then the others by id' }),
    },
    {
      examples: [
        {
          machines: [
            { machine_id: 1, own: true, neighbours: [2, 3] },
            { machine_id: 2, own: false, neighbours: [1] },
            { machine_id: 3, own: false, neighbours: [1] },
          ],
        },
      ],
    },
  ),
);
export type TopologyAnswer = Static<typeof TopologyAnswer>;

export const CapabilityMachine = named(
  'CapabilityMachine',
  Type.Object({ machine_id: MachineId, state: CapabilityState }),
);

export const CapabilityView = named(
  'ClusterCapability',
  Type.Object({
    name: Type.String(),
    machines: Type.Array(ref(CapabilityMachine), {
      description: 'the machines that have announced it, by id; this service too',
    }),
  }),
);

export const CapabilityList = named(
  'CapabilityList',
  Type.Object(
    {
      capabilities: Type.Array(ref(CapabilityView), { description: 'by name' }),
    },
    {
      examples: [
        {
          capabilities: [
            {
              name: 'usrloc-contact-repl',
              machines: [
                { machine_id: 1, state: 'not_synced' },
                { machine_id: 2, state: 'synced' },
              ],
            },
          ],
        },
      ],
    },
  ),
);
export type CapabilityList = Static<typeof CapabilityList>;
