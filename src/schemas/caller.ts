import { Type } from 'typebox';
import { Choice, named, OrNull } from './common.js';

/** In ascending order: a role includes those before it. */
export const ROLES = ['read', 'module', 'operate'] as const;

export const CallerView = named(
  'Caller',
  Type.Object(
    {
      name: OrNull(Type.String({ description: 'name of the token; null when no tokens are configured' })),
      role: Choice(ROLES, 'a role includes those before it'),
    },
    { examples: [{ name: 'cli', role: 'read' }] },
  ),
);
