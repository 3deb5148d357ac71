import type { ChangeName, Changes, Snapshot } from '../schemas/changes.js';
import type { Notifications } from '../schemas/notifications.js';
import type { Refusal } from '../schemas/registration.js';

/** A packet of a machine; names and units as on the wire. The same on both subprotocols, but for two fields. */
export interface PacketEvent extends Omit<Notifications['packet'], 'source' | 'received_at' | 'payload'> {
  /** `ip:port` or `[ip6]:port`; null on `clusterer.v1.bin`, whose frames do not say. */
  readonly source: string | null;
  /** Unix milliseconds; null on `clusterer.v1.bin`. */
  readonly received_at: number | null;
  /** What follows the machine id in the packet; for `PayloadReader`. */
  readonly payload: Uint8Array;
}

/** A resume that could not be whole: what happened in between is lost, and the registration goes on as a fresh one. */
export type GapEvent = Refusal;

/**
 * What a module hears, one call after another: the next begins when what the one before returned has resolved. Whatever
 * has no handler is passed over.
 */
export interface ModuleHandlers {
  packet?(event: PacketEvent): unknown;
  /** Nothing came from a machine for longer than the registration's `timeout`. */
  timeout?(event: Notifications['timeout']): unknown;
  /** A packet was dropped, since its machine is disabled for this registration. */
  tempDisabled?(event: Notifications['temp_disabled']): unknown;
  /** A machine's disabled period has passed. */
  up?(event: Notifications['up']): unknown;
  gap?(event: GapEvent): unknown;
}

/** What a watcher is told, by method. */
export type ChangeEvent = {
  readonly [M in ChangeName]: { readonly method: M; readonly params: Changes[M] };
}[ChangeName];

/** What a watcher hears, one call after another, as a module does. */
export interface WatchHandlers {
  /** How things are: at the beginning, and again whenever changes may have been missed. */
  snapshot?(snapshot: Snapshot): unknown;
  /** What changed behind the snapshot. */
  change?(event: ChangeEvent): unknown;
}
