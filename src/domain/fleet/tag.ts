/** What a machine is for a sharing tag, as far as is known (G1). */
export const TAG_STATES = ['active', 'backup', 'unknown'] as const;
export type TagState = (typeof TAG_STATES)[number];

/** What an operator wants of a tag. It is saved, and kept by this service (G3). */
export interface TagWish {
  /** The machine that is to be active. Null: the tag was released; only its fence is kept. */
  readonly owner: number | null;
  /** Who takes the tag when the owner is lost, in this order. */
  readonly failover: readonly number[];
  /** How long the link to the owner must be down before that. */
  readonly afterMs: number;
  /** Rises with every change of the tag. */
  readonly fence: number;
  /** Unix milliseconds since which the owner has the tag. */
  readonly since: number;
  /** The number of failovers in a row (G8). */
  readonly moves: number;
}

/** Why a tag changed. */
export type TagReason =
  | 'operator'
  | 'failover'
  /** A machine that is not the owner was active. */
  | 'demoted'
  /** A machine announced that it is active. */
  | 'announced'
  /** The machine that was active is not reachable. */
  | 'lost';

/** All that is known of a tag. */
export interface KnownTag {
  readonly tag: string;
  /** The owner of a managed tag; otherwise the machine that announced last that it is active. */
  readonly owner: number | null;
  readonly isManaged: boolean;
  /** Unix milliseconds. */
  readonly since: number | null;
  readonly fence: number;
  readonly failover: readonly number[];
  /** Null for a tag that is not managed. */
  readonly afterMs: number | null;
  /** Of all machines, by ascending id. */
  readonly states: ReadonlyMap<number, TagState>;
}
