import type { KeptDrain } from '../../domain/drain.js';
import type { DrainView } from '../../schemas/machine.js';
import { timeText } from './rfc3339.js';

/** A drain as the outside sees it. */
export function drainView({ reason, until, by, since }: KeptDrain): DrainView {
  return { reason, until: until === null ? null : timeText(until), by, since: timeText(since) };
}
