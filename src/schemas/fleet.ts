import { type Static, Type } from 'typebox';
import { ChangeSeq, Choice, Id, LARGEST_ID, OrNull } from './common.js';

/** What a machine of a cluster of OpenSIPS 2.4 to 4.0 shows besides what every machine shows. */

export const LINK_STATES = ['up', 'probing', 'down'] as const;
export const LinkState = Choice(
  LINK_STATES,
  'what pings say of a machine. up: it answers; probing: an answer is awaited; down: it does not answer, or is not asked',
);
export type LinkState = Static<typeof LinkState>;

export const CapabilityState = Choice(['synced', 'not_synced'], 'whether it holds the data of the cluster');
export type CapabilityState = Static<typeof CapabilityState>;

const RELEASES = ['2.4.0-3.0.0', '2.4.7-3.1.6', '3.1.7-3.1.17', '3.2.0-3.2.3', '3.2.4-3.2.19', '3.3-4.0'] as const;

export const FLEET_FIELDS = {
  dialect: Choice(['2.4'], 'present, as the fields after it, in clusters of OpenSIPS 2.4 to 4.0'),
  learned: Type.Optional(
    Type.Literal(true, {
      description: 'present for a machine without a row: the cluster told of it; `clusterer_id` is 0',
    }),
  ),
  priority: Type.Integer({ description: 'which machine relays for others: the lower, the sooner' }),
  sip_addr: OrNull(Type.String({ description: 'address of SIP' })),
  link: LinkState,
  next_hop: OrNull(
    Type.Integer({
      minimum: 1,
      maximum: LARGEST_ID,
      description:
        'the machine to which packets for this one go first: itself while its link is up; null: nobody reaches it',
    }),
  ),
  releases: OrNull(
    Choice(RELEASES, 'the releases of OpenSIPS that write packets like those of this machine; null: unknown'),
  ),
  capabilities: Type.Array(Type.Object({ name: Type.String(), state: CapabilityState }), {
    description: 'what its modules replicate, by name',
  }),
};
const FleetFields = Type.Object(FLEET_FIELDS);
export type FleetMachineFields = Static<typeof FleetFields>;

const common = { seq: ChangeSeq, cluster_id: Id('cluster'), machine_id: Id('machine within the cluster') };

/** Notifications of `watch` about clusters of OpenSIPS 2.4 to 4.0: parameters by method. */
export const FLEET_CHANGES = {
  link: Type.Object(
    { ...common, from: LinkState, to: LinkState },
    { description: 'What pings say of a machine changed; only from OpenSIPS 2.4 on' },
  ),
  capability: Type.Object(
    { ...common, name: Type.String(), from: OrNull(CapabilityState), to: CapabilityState },
    { description: 'A machine told of a capability, or whether it is synced; `from` is null at first' },
  ),
  topology: Type.Object(
    {
      ...common,
      neighbours: Type.Array(Id('machine within the cluster'), {
        description: 'the machines to which its links are up',
      }),
    },
    { description: 'The links of a machine to others changed; only from OpenSIPS 2.4 on' },
  ),
  message: Type.Object(
    {
      ...common,
      reply: Type.Boolean({ description: 'whether it replies to an earlier message' }),
      tag: Type.String({ description: 'chosen by the sender; a reply has the tag of its request' }),
      message: Type.String(),
    },
    { description: 'A script of a machine sent a message to this service; only from OpenSIPS 2.4 on' },
  ),
} as const;
