import type { DialectId } from './dialect-id.js';

/** Why a stream cannot be read any further. The codes are stable: metrics and log use them. */
export type FrameFault = 'bad_marker' | 'bad_length' | 'bad_name_length' | 'other_dialect';

/** What every packet of a module says, in either dialect. Offsets count from the start of the frame. */
export interface PacketHead {
  readonly dialect: DialectId;
  /** Null in 2.2, which names no cluster. */
  readonly clusterId: number | null;
  /** In 2.4 the capability. */
  readonly module: string;
  readonly packetType: number;
  /** 16 bits. */
  readonly version: number;
  /** Who made the packet. */
  readonly machineId: number;
  /** For whom it is; null in 2.2, where that is who receives it. */
  readonly destination: number | null;
  /** Where the module's payload starts and ends. */
  readonly payloadOffset: number;
  readonly payloadEnd: number;
}

/** A packet to send. Integers are signed and have 32 bits, `version` has 16. */
export interface PacketContent {
  readonly module: string;
  readonly packetType: number;
  readonly version: number;
  readonly payload: Uint8Array;
}

/** From whom and to whom. 2.2 writes only `machineId`. */
export interface PacketRoute {
  readonly clusterId: number;
  readonly machineId: number;
  readonly destination: number;
}

/** Everything that differs between the layouts. */
export interface Dialect {
  readonly id: DialectId;
  /**
   * Returns the length in bytes of the frame at `start`, from the bytes before `end`: 0 while they are too few, or the fault as soon as one
   * is visible. The frame may extend beyond `end`.
   */
  measure(bytes: Buffer, start: number, end: number): number | FrameFault;
  /**
   * Returns what `measure` returns if the frame is like nearly all others, and 0 if `measure` must look closer or fewer than 16 bytes are there. Costs
   * a few nanoseconds: what is done for each packet of a flood calls this first.
   */
  plainLength(bytes: DataView, start: number, end: number): number;
  /** Reads the head of a whole frame that `measure` accepted. */
  decode(frame: Buffer): PacketHead | 'too_short';
  /** @throws RangeError for a number that does not fit */
  encode(content: PacketContent, route: PacketRoute): Buffer | 'too_long';
  /**
   * Whether two whole frames have the same module, machine, cluster and destination: what the engine decides for one then holds for the other.
   * False if the other's head is not whole; that of `one` is. Compares words and reads no text. `end` is where the frame ends.
   */
  sameOrigin(bytes: DataView, one: number, oneEnd: number, other: number, otherEnd: number): boolean;
  /** Whether a packet is handled alone, also between others of the same origin. */
  isAlone(head: PacketHead): boolean;
}
