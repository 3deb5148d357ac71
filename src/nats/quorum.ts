import type { StreamInfo } from '@nats-io/jetstream';

/** The leader of a stream hears from each other server every second. */
const SILENT_NS = 3_000_000_000;

/** Whether most servers keep the stream. A leader without the others still answers for it, but stores nothing. */
export function hasQuorum({ cluster }: Pick<StreamInfo, 'cluster'>): boolean {
  const others = cluster?.replicas ?? [];
  const heard = others.filter(({ offline, active }) => offline !== true && active < SILENT_NS);
  return (1 + heard.length) * 2 > 1 + others.length;
}
