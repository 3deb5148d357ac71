import type { TagWish } from '../../domain/fleet/tag.js';
import type { Family } from '../../wire/cluster/family.js';

/** The floods of dialect 2.4 that are numbered (docs/protocol.md), each kind by itself. */
export type SequenceKind = 'links' | 'topology' | 'capabilities';

/** The last sequence number that a machine of this service used in a cluster. */
export interface FleetSequence {
  readonly clusterId: number;
  /** The server id: services with different ids may share the tables. */
  readonly machineId: number;
  readonly kind: SequenceKind;
  readonly seq: number;
}

/** The wire family of a machine; null: it is not known any more. */
export interface FleetPeerChange {
  readonly clusterId: number;
  readonly machineId: number;
  readonly family: Family | null;
}

export type FleetPeer = FleetPeerChange & { readonly family: Family };

/** What an operator wants of a sharing tag. */
export interface FleetTag {
  readonly clusterId: number;
  /** Upper and lower case differ. */
  readonly tag: string;
  readonly wish: TagWish;
}

export interface LoadedFleet {
  readonly sequences: readonly FleetSequence[];
  readonly peers: readonly FleetPeer[];
  readonly tags: readonly FleetTag[];
}

/** What a member of clusters of dialect 2.4 must know after a restart. Rejects as `MachineStore` does. */
export interface FleetStore {
  load(): Promise<LoadedFleet>;
  /** All or nothing. Each cluster, machine and kind occurs once. */
  saveSequences(sequences: readonly FleetSequence[]): Promise<void>;
  /** All or nothing. Each machine occurs once. */
  savePeers(changes: readonly FleetPeerChange[]): Promise<void>;
  /** All or nothing. Each tag of a cluster occurs once. */
  saveTags(tags: readonly FleetTag[]): Promise<void>;
}
