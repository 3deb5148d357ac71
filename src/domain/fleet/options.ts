import type { Family } from '../../wire/cluster/family.js';
import type { NodeDescription } from '../../wire/cluster/messages.js';
import { Deadlines } from '../deadlines.js';
import { Capabilities } from './capabilities.js';
import type { LinkTimes } from './link.js';
import { Peers } from './peer.js';
import type { FloodKind } from './sequences.js';
import type { TagWish } from './tag.js';
import type { Timer } from './timer.js';
import { Topology } from './topology.js';

/** How this service takes part in a cluster of dialect 2.4. */
export interface FleetOptions extends LinkTimes {
  readonly clusterId: number;
  /** The own id. */
  readonly machineId: number;
  /** The description of the own node. */
  own: NodeDescription;
  /** Whether machines without a row are learned (J1). */
  readonly learns: boolean;
  /** The urls of machines to join through (J4). Their ids are not known. */
  readonly joinUrls: readonly string[];
  /** How long to look for a donor. */
  readonly seedFallbackMs: number;
  /** The longest silence of a donor. */
  readonly syncTimeoutMs: number;
  /** Bytes of live packets that may wait for the end of one sync. */
  readonly syncHeldBytes: number;
  /** What the effects `sequence_reserved`, `family` and `tag_wish` of earlier processes contained. */
  readonly remembered: {
    readonly sequences: ReadonlyMap<FloodKind, number>;
    readonly families: ReadonlyMap<number, Family>;
    readonly wishes: ReadonlyMap<string, TagWish>;
  };
}

/** What the parts of a fleet share. */
export class Shared {
  readonly peers = new Peers();
  readonly topology = new Topology();
  readonly capabilities = new Capabilities();
  readonly deadlines = new Deadlines<Timer>();
  /** False while an operator has disabled the own node, and after a stop. */
  isActive = true;

  constructor(readonly options: FleetOptions) {}

  /** Whether this is the own id, or that of another machine of the cluster. */
  knows(machineId: number): boolean {
    return machineId === this.options.machineId || this.peers.of(machineId) !== undefined;
  }
}
