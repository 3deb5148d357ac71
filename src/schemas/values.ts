/** Ids of clusters, machines and rows are signed 32-bit integers, as on the wire. */
export const LARGEST_ID = 2 ** 31 - 1;

export const MACHINE_STATES = ['up', 'temp_disabled', 'down'] as const;

/** In ascending order: a role includes those before it. */
export const ROLES = ['read', 'module', 'operate'] as const;

export const HISTORY_KINDS = [
  'node_state',
  'drain',
  'provisioning',
  'reload',
  'registration',
  'link',
  'capability',
  'mi',
  'message',
  'tag',
] as const;

export const LARGEST_HISTORY_PAGE = 1000;
