import type { Now } from '../../ground/now.js';
import type { Family } from '../../wire/cluster/family.js';
import type { ClusterMessage, ExtraMessage } from '../../wire/cluster/messages.js';
import type { ReceivedRun } from '../../wire/frame-run.js';
import type { CapabilityChange } from './capabilities.js';
import type { LinkState } from './link.js';
import type { Member } from './member.js';
import type { FloodKind } from './sequences.js';
import type { KnownTag, TagReason, TagWish } from './tag.js';

/** Where a message goes: to a machine, back on the connection that asked, or to a url whose machine is not known yet. */
export type Target = { readonly machineId: number } | { readonly connection: number } | { readonly url: string };

/** Why something was dropped. */
export type FaultReason =
  /** The own node is disabled, or has stopped. */
  | 'own_node_disabled'
  /** Its origin is this service. */
  | 'own_origin'
  | 'unknown_machine'
  /** An operator has set its origin down. */
  | 'machine_disabled'
  /** It came from an address that no machine of the cluster has (F9). */
  | 'unknown_source'
  | 'path_too_long'
  /** The path is empty, or does not begin with the origin. */
  | 'bad_path'
  /** Its path contains this service. */
  | 'own_path'
  /** Its sequence is not newer than the last accepted one (F1). */
  | 'old_sequence'
  | 'bad_topology'
  | 'bad_description'
  | 'too_many_machines'
  | 'bridge_packet'
  /** The next hop is null, or where the packet came from. */
  | 'no_route'
  /** Somebody asked for a sync, and this service is no donor. */
  | 'not_a_donor'
  /** A sync, or the end of one, that nobody here waits for. */
  | 'no_sync';

/** Why a sync ended, other than with everything that the donor held. */
export type SyncEndReason =
  | 'no_donor'
  | 'donor_silent'
  | 'donor_lost'
  /** The number of chunks that came is not the number that the donor announced. */
  | 'wrong_count'
  /** More live packets came during the sync than may wait. */
  | 'too_many_waiting'
  | 'stopped';

interface OfCluster {
  readonly clusterId: number;
}

interface OfMachine extends OfCluster {
  readonly machineId: number;
}

interface OfSync extends OfCluster {
  readonly capability: string;
  /** The numbers of the registrations that asked. */
  readonly registrations: readonly number[];
}

/** What the service must do, or may want to know, after an input or a deadline; in order. */
export type FleetEffect =
  /** `family`: in which to encode; null for messages that all families share. */
  | ({
      readonly type: 'transmit';
      readonly to: Target;
      readonly message: ClusterMessage;
      readonly family: Family | null;
    } & OfCluster)
  /** Append the own id to the path of this frame and send it to these machines. Valid until the current read ends. */
  | ({ readonly type: 'relay'; readonly to: readonly number[]; readonly frame: Buffer } & OfCluster)
  /** Send this frame as it is. Valid until the current read ends. */
  | ({ readonly type: 'forward'; readonly to: number; readonly frames: readonly Buffer[] } & OfCluster)
  | ({ readonly type: 'link'; readonly from: LinkState; readonly to: LinkState } & OfMachine)
  /** The reply to a ping came in time, after so many milliseconds. */
  | ({ readonly type: 'ping_answered'; readonly ms: number } & OfMachine)
  /** `unanswered`: the number of consecutive pings without a reply, which is `no_tries` of the machine (L4). */
  | ({ readonly type: 'attempt_failed'; readonly unanswered: number } & OfMachine)
  | ({ readonly type: 'temp_disabled'; readonly cause: 'ping_failed' } & OfMachine)
  | ({ readonly type: 'enabled'; readonly cause: 'link_up' } & OfMachine)
  /** Packets to the machine are sent to `to`; null while no machine reaches it. */
  | ({ readonly type: 'next_hop'; readonly from: number | null; readonly to: number | null } & OfMachine)
  | ({ readonly type: 'topology'; readonly neighbours: readonly number[] } & OfMachine)
  | ({ readonly type: 'capability' } & CapabilityChange & OfCluster)
  /** To be saved for the next process (F4). */
  | ({ readonly type: 'family'; readonly family: Family } & OfMachine)
  /** To be saved: the next process continues after this number (F2). */
  | ({ readonly type: 'sequence_reserved'; readonly kind: FloodKind; readonly seq: number } & OfCluster)
  | ({ readonly type: 'learned'; readonly member: Member } & OfCluster)
  | ({ readonly type: 'forgotten' } & OfMachine)
  /** Nobody has answered at a url to join through. */
  | ({ readonly type: 'join_unanswered'; readonly url: string } & OfCluster)
  /** The fleet removed this service from the cluster: its own node is disabled now (J5). */
  | ({ readonly type: 'own_node_removed' } & OfCluster)
  /** A message to this service that changes nothing here. */
  | ({ readonly type: 'message'; readonly message: ExtraMessage } & OfCluster)
  /** A tag has another owner, or another machine is active or may be. `about`: the machine that the reason is about; `from`: the owner before. */
  | ({
      readonly type: 'tag';
      readonly reason: TagReason;
      readonly about: number | null;
      readonly from: number | null;
      readonly known: KnownTag;
    } & OfCluster)
  /** To be saved: the next process keeps the tag there (G3). */
  | ({ readonly type: 'tag_wish'; readonly tag: string; readonly wish: TagWish } & OfCluster)
  | ({ readonly type: 'sync_started'; readonly machineId: number } & OfSync)
  /** One chunk, to be delivered as the live packet with the same content. */
  | ({
      readonly type: 'sync_packet';
      readonly machineId: number;
      readonly dataVersion: number | null;
      readonly chunk: Uint8Array;
    } & OfSync)
  /** `packets`: the chunks delivered by all donors of this sync. `machineId` is null if none was found. */
  | ({
      readonly type: 'sync_ended';
      readonly machineId: number | null;
      readonly packets: number;
      readonly complete: boolean;
      readonly reason: SyncEndReason | null;
    } & OfSync)
  /** The live packets that waited for the end, oldest first. */
  | ({ readonly type: 'sync_released'; readonly runs: readonly HeldRun[] } & OfSync)
  | ({ readonly type: 'fault'; readonly reason: FaultReason; readonly origin: number } & OfCluster);

/** Live packets that wait for the end of a sync, in memory of their own. */
export interface HeldRun {
  readonly run: ReceivedRun;
  /** Those that wait for it. */
  readonly registrations: readonly number[];
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

/** One input, or the firing of deadlines: its time, and the list to which its effects are appended. */
export interface Turn {
  readonly now: Now;
  readonly out: FleetEffect[];
}
