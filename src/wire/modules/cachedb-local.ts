import { choice, field, texts } from './field.js';
import { moduleOf } from './layout.js';

const packet = moduleOf('2.4', 'cachedb-local-repl', 'unchecked');

export const CACHEDB_LOCAL = [
  packet('insert', 1, [...texts('collection', 'attr', 'value'), field('expires', choice('seconds; 0: never'))]),
  packet('remove', 2, texts('collection', 'attr')),
] as const;
