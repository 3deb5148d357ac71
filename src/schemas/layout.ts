import { Choice, named, ref } from './common.js';
import { type Static, Type } from './typebox.js';

const field = {
  name: Type.String({ description: 'in snake_case, as in decoded packets' }),
  type: Type.String({ description: 'int, text, int64, q, flags and others, as docs/layouts.md describes them' }),
  about: Type.Optional(Type.String({ description: 'what the values stand for' })),
  conditional: Type.Optional(
    Type.Literal(true, { description: 'the field is there only if an earlier one has a certain value' }),
  ),
  default: Type.Optional(
    Type.Unknown({ description: 'what is sent if the field is left out; without it, the field is required' }),
  ),
};

export const LayoutGroupField = named('LayoutGroupField', Type.Object(field));

export const LayoutField = named(
  'LayoutField',
  Type.Object({
    ...field,
    fields: Type.Optional(Type.Array(ref(LayoutGroupField), { description: 'of the types object and list' })),
  }),
);

export const LayoutView = named(
  'Layout',
  Type.Object({
    dialect: Choice(['2.2', '2.4'], '2.4: OpenSIPS 2.4 to 4.0'),
    module: Type.String({ description: 'the capability in dialect 2.4' }),
    version: Type.Integer({ minimum: 0, maximum: 65_535 }),
    packet_type: Type.Integer(),
    name: Type.String({ description: 'of the packet; the same in all versions' }),
    releases: Type.Optional(Type.String({ description: 'who sends it, where the version does not say it' })),
    fields: Type.Array(ref(LayoutField), { description: 'in their order in the payload' }),
  }),
);

export const LayoutList = named(
  'LayoutList',
  Type.Object(
    { layouts: Type.Array(ref(LayoutView)) },
    {
      examples: [
        {
          layouts: [
            {
              dialect: '2.4',
              module: 'usrloc-contact-repl',
              version: 3,
              packet_type: 2,
              name: 'aor_delete',
              fields: [
                { name: 'domain', type: 'text' },
                { name: 'aor', type: 'text' },
              ],
            },
          ],
        },
      ],
    },
  ),
);
export type LayoutList = Static<typeof LayoutList>;
