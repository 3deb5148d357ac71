import { Choice, exampleOf, Id, named, ProtocolName, RULE, ref } from './common.js';
import { formFaults } from './packet-form.js';
import { Reception } from './registration.js';
import { type Static, Type } from './typebox.js';
import { LARGEST_ID } from './values.js';

/** Characters. */
export const LONGEST_MODULE_NAME = 255;

export const PacketBody = Type.Object(
  {
    module: Type.String({
      minLength: 1,
      maxLength: LONGEST_MODULE_NAME,
      description:
        'name of the module that receives the packet; in dialect 2.4 a capability, or ul, dialog or ratelimit for the capability that replaces it',
    }),
    packet_type: Type.Optional(
      Type.Integer({ minimum: -(2 ** 31), maximum: LARGEST_ID, description: 'required without name' }),
    ),
    payload: Type.Optional(
      Type.String({
        description:
          'base64; what the module itself writes: in 2.2 the bytes after the machine id, in 2.4 those between the packet type and the cluster id',
        contentEncoding: 'base64',
      }),
    ),
    name: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'in place of packet_type and payload: the name of the packet, as GET /layouts lists it',
      }),
    ),
    fields: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'with name: the values of its fields; each machine gets the layout of its version',
      }),
    ),
    version: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description:
          'default 1; in dialect 2.4, for capabilities with a known layout: the version that each machine sent last, otherwise one that its releases understand',
      }),
    ),
    protocol: Type.Optional(ProtocolName),
    machine_id: Type.Optional(Id('only this machine; by default all')),
  },
  {
    [RULE]: formFaults,
    additionalProperties: false,
    examples: [{ module: 'ul', packet_type: 3, payload: 'aGVsbG8=' }],
  },
);
export type PacketBody = Static<typeof PacketBody>;

/** Why the kernel did not get a packet. */
export const NOT_SENT = ['refused', 'timeout', 'reset', 'unresolved', 'queue_full', 'address_unusable'] as const;

export const SendResult = named(
  'SendResult',
  Type.Object({
    machine_id: Id('machine within the cluster'),
    sent: Type.Boolean({ description: 'passed to the kernel' }),
    error: Type.Optional(
      Choice(
        [...NOT_SENT, 'layout', 'leader_changed'],
        'why it was not sent; layout: the payload does not have the fields of the version for this machine, or its version lacks a name in them; leader_changed: another replica became the leader meanwhile, and it is not known whether it was sent',
      ),
    ),
  }),
);
export type SendResult = Static<typeof SendResult>;

export const SendAnswer = named(
  'SendResults',
  Type.Object(
    { results: Type.Array(ref(SendResult)) },
    {
      examples: [
        {
          results: [
            { machine_id: 2, sent: true },
            { machine_id: 3, sent: false, error: 'refused' },
          ],
        },
      ],
    },
  ),
);
export type SendAnswer = Static<typeof SendAnswer>;

export const ModuleMachine = named(
  'ModuleMachine',
  Type.Object({
    machine_id: Id('machine within the cluster'),
    reception: Reception,
    silent_for: Type.Number({
      description:
        'seconds since its last packet, since the start of its reception, or since the end of a disabled period',
    }),
    seconds_until_enabling: Type.Integer({ minimum: 0 }),
    packets: Type.Integer({ description: 'delivered packets; 0: none was ever received' }),
  }),
);

export const ModuleView = named(
  'Module',
  Type.Object(
    {
      number: Type.Integer({ description: 'public number of the registration' }),
      module: Type.String(),
      protocol: Type.String(),
      cluster_id: Type.Integer({ minimum: 0, description: '0: any cluster' }),
      timeout: Type.Number({ description: 'seconds of silence after which the reception of a machine is disabled' }),
      auth_check: Type.Boolean(),
      connected: Type.Boolean(),
      since: Type.Integer({ description: 'start of the registration, in unix milliseconds' }),
      packets: Type.Integer({ description: 'delivered packets, without those of syncs' }),
      dropped: Type.Integer({ description: 'packets dropped because the reception of their machine was disabled' }),
      unknown_source: Type.Integer({ description: 'packets dropped because their source did not pass the check' }),
      machines: Type.Array(ref(ModuleMachine)),
    },
    {
      examples: [
        {
          number: 1,
          module: 'ul',
          protocol: 'bin',
          cluster_id: 1,
          timeout: 5,
          auth_check: true,
          connected: true,
          since: 1795900077799,
          packets: 12,
          dropped: 0,
          unknown_source: 0,
          machines: [
            { machine_id: 2, reception: 'receiving', silent_for: 0.25, seconds_until_enabling: 0, packets: 12 },
          ],
        },
      ],
    },
  ),
);
export type ModuleView = Static<typeof ModuleView>;

export const ModuleList = named(
  'ModuleList',
  Type.Object({ modules: Type.Array(ref(ModuleView)) }, { examples: [{ modules: [exampleOf(ModuleView)] }] }),
);
