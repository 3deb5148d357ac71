import { Choice, named, OrNull } from './common.js';
import { type Static, Type } from './typebox.js';
import { ROLES } from './values.js';

export const CallerView = named(
  'Caller',
  Type.Object(
    {
      name: OrNull(Type.String({ description: 'name of the token; null when no tokens are configured' })),
      role: Choice(ROLES, 'a role includes those before it'),
      replica: Type.Optional(
        Type.String({ description: 'the replica that answers; present only with CLUSTERER_NATS_URL' }),
      ),
    },
    { examples: [{ name: 'cli', role: 'read' }] },
  ),
);
export type CallerView = Static<typeof CallerView>;
