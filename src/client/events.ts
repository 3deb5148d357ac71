import type { ChangeName, Changes, Snapshot } from '../schemas/changes.js';
import type { Notifications } from '../schemas/notifications.js';
import type { ResumeFailure } from '../schemas/registration.js';

/** A packet from a machine, with the names and units of the wire. Both subprotocols give the same event, except for two fields. */
export interface PacketEvent extends Omit<Notifications['packet'], 'source' | 'received_at' | 'payload'> {
  /** `ip:port` or `[ip6]:port`; null on `clusterer.v1.bin`, whose frames do not have it. */
  readonly source: string | null;
  /** Unix milliseconds; null on `clusterer.v1.bin`. */
  readonly received_at: number | null;
  /** The module's part of the packet. `decodePacket` gives its fields. */
  readonly payload: Uint8Array;
  /** The service has left out the payload, which would show fields that are redacted. Only with `decode`. */
  readonly redacted?: true;
}

/** A resume that failed: notifications are lost, and the registration goes on as a new one. */
export type GapEvent = ResumeFailure;

/**
 * The handlers of a registration. They are called one at a time: the next call waits until the previous one has resolved.
 * Events without a handler are ignored.
 */
export interface ModuleHandlers {
  packet?(event: PacketEvent): unknown;
  /** A machine was silent for longer than the `timeout` of the registration. */
  timeout?(event: Notifications['timeout']): unknown;
  /** A packet was dropped because its machine is disabled for this registration. */
  tempDisabled?(event: Notifications['temp_disabled']): unknown;
  /** The disabled period of a machine has passed. */
  up?(event: Notifications['up']): unknown;
  /** A machine was asked for all that it holds: packets with `sync` follow. Called again if that machine fails. */
  syncStarted?(event: Notifications['sync_started']): unknown;
  syncEnded?(event: Notifications['sync_ended']): unknown;
  gap?(event: GapEvent): unknown;
}

/** A change, by method. */
export type ChangeEvent = {
  readonly [M in ChangeName]: { readonly method: M; readonly params: Changes[M] };
}[ChangeName];

/** The handlers of a watch, called one at a time, too. */
export interface WatchHandlers {
  /** The current state: at the start, and again whenever changes may be missing. */
  snapshot?(snapshot: Snapshot): unknown;
  /** A change after the snapshot. */
  change?(event: ChangeEvent): unknown;
}
