import { named, OrNull, ref } from './common.js';
import { type Static, Type } from './typebox.js';

export const RegistrationParams = Type.Object({
  number: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'of the registration' }),
});

export const PacketCount = named(
  'PacketCount',
  Type.Object({
    name: OrNull(Type.String({ description: 'null if there is no layout for the packet' })),
    packet_type: Type.Integer(),
    packets: Type.Integer({ minimum: 1 }),
  }),
);

export const PacketCounts = named(
  'PacketCounts',
  Type.Object(
    {
      packets: Type.Integer({ minimum: 0, description: 'how many of its newest packets are counted: at most 1000' }),
      names: Type.Array(ref(PacketCount), { description: 'those with the most packets first' }),
    },
    {
      examples: [
        {
          packets: 13,
          names: [
            { name: 'contact_update', packet_type: 4, packets: 12 },
            { name: null, packet_type: 99, packets: 1 },
          ],
        },
      ],
    },
  ),
);
export type PacketCounts = Static<typeof PacketCounts>;
