import type { KnownTag } from '../../domain/fleet/tag.js';
import type { TagView } from '../../schemas/tags.js';
import { formatTime } from './rfc3339.js';

export function tagView({ tag, owner, isManaged, since, fence, failover, afterMs, states }: KnownTag): TagView {
  return {
    tag,
    owner,
    machines: [...states].map(([machine_id, state]) => ({ machine_id, state })),
    since: since === null ? null : formatTime(since),
    managed: isManaged,
    fence,
    failover: [...failover],
    after_seconds: afterMs === null ? null : afterMs / 1_000,
  };
}
