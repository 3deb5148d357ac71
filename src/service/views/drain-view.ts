import type { StoredDrain } from '../../domain/drain.js';
import type { DrainView } from '../../schemas/machine.js';
import { formatTime } from './rfc3339.js';

export function drainView({ reason, until, by, since }: StoredDrain): DrainView {
  return { reason, until: until === null ? null : formatTime(until), by, since: formatTime(since) };
}
