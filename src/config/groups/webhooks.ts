import { variable } from '../variable.js';
import { webhooks } from '../webhook-parsers.js';

export const WEBHOOKS = {
  webhooks: variable(
    'WEBHOOKS',
    '',
    webhooks,
    'who is told of changes by HTTP ([webhooks.md](webhooks.md)): `name url secret=FILE events=node_state,drain,reception,tag`, with `;` between entries. Empty: nobody',
  ),
} as const;
