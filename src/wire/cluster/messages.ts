/** Orders the floods of one machine and kind. `seq` 0 begins anew; `timestamp` is in unix seconds and decides between two zeros. */
export interface Sequence {
  readonly seq: number;
  readonly timestamp: number;
}

/** A machine as it describes itself, or as others describe it, to machines that have no row for it. */
export interface NodeDescription {
  readonly url: string;
  readonly sipAddress: string;
  readonly priority: number;
  /** The number of consecutive pings without a reply after which the link is down. */
  readonly pingRetries: number;
}

export interface TopologyNode {
  readonly machineId: number;
  readonly description: NodeDescription | null;
  /** That of its last link update; seq −1 before the first. */
  readonly sequence: Sequence;
  readonly neighbours: readonly number[];
}

export interface Capability {
  readonly name: string;
  readonly isSynced: boolean;
}

export interface NodeCapabilities {
  readonly machineId: number;
  readonly capabilities: readonly Capability[];
}

/** Every message of `clusterer-internal` begins with these. */
interface Internal {
  readonly clusterId: number;
  /** The machine that made the message. It stays the same when others pass the message on. */
  readonly origin: number;
}

interface Flooded {
  /** The machines it went through; the first is its origin. */
  readonly path: readonly number[];
}

/** The messages of `clusterer-internal`: links and topology. */
export type InternalMessage = Internal &
  (
    | { readonly type: 'ping'; readonly wantsIds: boolean }
    | { readonly type: 'pong'; readonly machineIds: readonly number[] }
    | ({
        readonly type: 'link_update';
        readonly sequence: Sequence;
        readonly neighbour: number;
        readonly isUp: boolean;
      } & Flooded)
    | ({
        readonly type: 'full_topology';
        readonly sequence: Sequence;
        readonly nodes: readonly TopologyNode[];
      } & Flooded)
    | { readonly type: 'unknown_id' }
    | ({ readonly type: 'node_description'; readonly description: NodeDescription } & Flooded)
    | ({
        readonly type: 'capabilities';
        /** Null in the families C1, C2 and D1. */
        readonly sequence: Sequence | null;
        readonly nodes: readonly NodeCapabilities[];
        readonly wantsReply: boolean;
      } & Flooded)
  );

/** What the last 12 bytes of a routed packet say. */
export interface Route {
  readonly clusterId: number;
  readonly origin: number;
  readonly destination: number;
}

/** The messages of `clusterer-extra`: routed from their origin to one destination. */
export type ExtraMessage = Route &
  /** From 3.2 on. */
  (
    | { readonly type: 'remove_node'; readonly machineId: number }
    | { readonly type: 'generic'; readonly isRequest: boolean; readonly tag: string; readonly message: string }
    | { readonly type: 'mi'; readonly command: string; readonly parameters: readonly string[] }
    | { readonly type: 'sync_request'; readonly capability: string }
    | {
        readonly type: 'sync';
        readonly capability: string;
        /** The packet version that the chunks are written in; null in family C1. */
        readonly dataVersion: number | null;
        readonly chunks: readonly Uint8Array[];
      }
    /** `chunks` counts those of the whole sync; null before family E. */
    | { readonly type: 'sync_end'; readonly capability: string; readonly chunks: number | null }
    /** From 3.0 on: the origin is active now, and all others are backup. */
    | { readonly type: 'tag_active'; readonly tag: string }
  );

export type ClusterMessage = InternalMessage | ExtraMessage;
