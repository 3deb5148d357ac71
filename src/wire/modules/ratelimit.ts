import { choice, field, int, list, text } from './field.js';
import { moduleOf } from './layout.js';
import { flags } from './scalars.js';

const pipe = field('pipe', text);
const flag = field('flags', flags({ bin: 1, cachedb: 2 }));
const counts = [
  field('algo', choice('0 NOP, 1 TAILDROP, 2 RED, 3 FEEDBACK, 4 NETWORK, 5 HISTORY')),
  field('limit', int),
  field('counter', int),
] as const;

const plain = field('pipes', list([pipe, ...counts]));
const flagged = field('pipes', list([pipe, flag, ...counts]));
const bridged = [field('src_cluster', int), flagged] as const;

const packet22 = moduleOf('2.2', 'ratelimit', 'checked');
const packet = moduleOf('2.4', 'ratelimit-pipe-repl', 'unchecked');

/** Version and type are the same before and after the flags came: only the release says which layout it is. */
export const RATELIMIT_22 = [packet22('pipe_counter', 0, [plain])] as const;

export const RATELIMIT = [
  packet('pipe_counter', 0, [flagged], { releases: '3.3 and later', families: ['E'] }),
  packet('pipe_counter', 0, [plain], { releases: 'up to 3.2', families: ['C1', 'C2', 'C3', 'D1', 'D2'] }),
  packet('edge_pipe_counter', 10, bridged, { releases: '4.0', families: ['E'] }),
  packet('core_pipe_counter', 11, bridged, { releases: '4.0', families: ['E'] }),
] as const;
