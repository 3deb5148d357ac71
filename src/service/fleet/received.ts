import { decodeExtra } from '../../wire/cluster/extra.js';
import { familiesOf } from '../../wire/cluster/families-of.js';
import { FAMILIES, type Family } from '../../wire/cluster/family.js';
import { isFault } from '../../wire/cluster/fault.js';
import { decodeInternal } from '../../wire/cluster/internal.js';
import type { ClusterMessage } from '../../wire/cluster/messages.js';
import { EXTRA, INTERNAL } from '../../wire/dialects/layout-24.js';
import { joined, type ReceivedRun } from '../../wire/frame-run.js';
import type { EngineLoop } from '../engine-loop.js';

/** Why packets are refused; their connection stays open. */
export type Refused = 'other_dialect' | 'bad_message';

/** Turns what arrives on BIN into commands: packets of modules, and the messages of fleets. */
export class Received {
  constructor(private readonly loop: EngineLoop) {}

  take(run: ReceivedRun): Refused | null {
    const { clusterId, module } = run.head;
    if (clusterId === null) {
      // A packet of 2.2 contains no cluster id.
      if (this.loop.engine.table.hasOnlyFleets) return 'other_dialect';
    } else if (this.loop.engine.fleets.of(clusterId) === undefined) {
      return 'other_dialect';
    } else if (module === INTERNAL || module === EXTRA) {
      return this.hear(run);
    }
    this.loop.post({ type: 'receive', run });
    return null;
  }

  /** A message of `clusterer-internal` or `clusterer-extra`. Such a run has one packet. */
  private hear(run: ReceivedRun): Refused | null {
    const { head, source, connection, url } = run;
    const frame = joined(run);
    const peer = this.loop.engine.fleets.of(head.clusterId ?? 0)?.peers.of(head.machineId);
    const message = head.module === INTERNAL ? decodeInternal(frame) : decodeExtra(frame, peer?.family ?? null);
    if (isFault(message)) return 'bad_message';
    const from = { ip: source.ip, connection, url };
    this.loop.post({ type: 'hear', message, family: familyOf(message, frame), from, frame });
    return null;
  }
}

/**
 * Returns the family that a frame shows, or null. Capabilities look alike in C1 and C2, and in D2 and E: then it is the later one, until a sync
 * shows the other.
 */
function familyOf({ type }: ClusterMessage, frame: Buffer): Family | null {
  // They look alike in all families, and most messages are pings.
  if (type === 'ping' || type === 'pong') return null;
  const families = familiesOf(frame);
  return families.length === FAMILIES.length ? null : (families.at(-1) ?? null);
}
