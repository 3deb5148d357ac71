import type { KeptDrain } from '../../domain/drain.js';
import type { DrainView } from '../../schemas/machine.js';
import { formatTime } from './rfc3339.js';

export function drainView({ reason, until, by, since }: KeptDrain): DrainView {
  return { reason, until: until === null ? null : formatTime(until), by, since: formatTime(since) };
}
