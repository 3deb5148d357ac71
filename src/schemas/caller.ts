import { Type } from 'typebox';
import { Choice, named, OrNull } from './common.js';

/** Roles, each with all before it. */
export const ROLES = ['read', 'module', 'operate'] as const;

export const CallerView = named(
  'Caller',
  Type.Object(
    {
      name: OrNull(Type.String({ description: 'of the token; null where no tokens are set' })),
      role: Choice(ROLES, 'each may do what those before it may'),
    },
    { examples: [{ name: 'cli', role: 'read' }] },
  ),
);
