import { count, integer } from '../parsers.js';
import { variable } from '../variable.js';

export const REPLAY = {
  replayBytes: variable('REPLAY_BYTES', '33554432', count, 'bytes that one registration keeps for a resume'),
  replaySeconds: variable(
    'REPLAY_SECONDS',
    '30',
    integer(0, 86_400),
    'retention time, and grace period after a disconnect; 0 ends the registration at once',
  ),
  replayTotalBytes: variable('REPLAY_TOTAL_BYTES', '536870912', count, 'bytes that all registrations keep together'),
} as const;
