import type { Effect } from '../domain/effects.js';

/** The effects that change nothing that a machine shows: these come with packets, pings and floods, many times a second. */
const UNSEEN: ReadonlySet<Effect['type']> = new Set<Effect['type']>([
  'notify',
  'unclaimed',
  'unknown_source',
  'ping_answered',
  'transmit',
  'relay',
  'forward',
  'fault',
  'topology',
  'message',
  'join_unanswered',
  'sequence_reserved',
  'tag',
  'tag_wish',
  'sync_started',
  'sync_packet',
  'sync_ended',
  'sync_released',
]);

/** Whether the effect may change what a machine shows. */
export function isSeen({ type }: Effect): boolean {
  return !UNSEEN.has(type);
}
