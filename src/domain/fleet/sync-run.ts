import type { ReceivedRun } from '../../wire/frame-run.js';
import type { HeldRun } from './effects.js';
import { Timer, type TimerOwner } from './timer.js';

/** How long a sync waits for its last packets after its end, which may overtake them. */
export const STRAGGLERS_MS = 1_000;

/** As many chunks of one donor are told apart, which takes a few hundred megabytes; more are left out. */
const MOST_CHUNKS = 2 ** 23;

/** One sync of a capability, for the registrations that asked for it before it began. */
export class SyncRun {
  /** The machine that sends the data; null while the sync waits for one. */
  donor: number | null = null;
  /** Donors that failed. */
  readonly failed = new Set<number>();
  /** The number of chunks in the end of the sync; null before the end. */
  announced: number | null = null;
  /** The number of chunks that were delivered, from all donors. */
  packets = 0;
  readonly timer: Timer<SyncRun>;
  private received = 0;
  private readonly fingerprints = new Set<number>();
  private readonly held: HeldRun[] = [];
  private heldBytes = 0;

  constructor(
    readonly capability: string,
    readonly registrations: Set<number>,
    owner: TimerOwner<SyncRun>,
  ) {
    this.timer = new Timer(owner, this);
  }

  begin(donor: number): void {
    this.donor = donor;
    this.announced = null;
    this.received = 0;
    this.fingerprints.clear();
  }

  /** Counts a chunk. Returns false for a copy of one that this donor has sent (Y5). */
  take(chunk: Uint8Array): boolean {
    this.received++;
    const before = this.fingerprints.size;
    if (before >= MOST_CHUNKS) return false;
    this.fingerprints.add(fingerprint(chunk));
    if (this.fingerprints.size === before) return false;
    this.packets++;
    return true;
  }

  /** Whether the announced number of chunks has come, with or without copies. */
  get isComplete(): boolean {
    return this.announced === this.received || this.announced === this.fingerprints.size;
  }

  /** Keeps a copy of live packets. Returns false if that is too much. */
  hold(run: ReceivedRun, registrations: readonly number[], receivedAt: number, limitBytes: number): boolean {
    const frames = Buffer.concat(run.pieces);
    this.held.push({ run: { ...run, pieces: [frames] }, registrations, receivedAt });
    this.heldBytes += frames.length;
    return this.heldBytes <= limitBytes;
  }

  takeHeld(): HeldRun[] {
    this.heldBytes = 0;
    return this.held.splice(0);
  }
}

/**
 * Returns 53 bits that are almost certainly different for different chunks. Two multiplicative hashes, because the chunks of a sync can be too many
 * to keep.
 */
function fingerprint(bytes: Uint8Array): number {
  let one = 0x811c9dc5 ^ bytes.length;
  let other = 0x9e3779b9;
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other ^ byte, 0x85ebca6b);
    other ^= other >>> 13;
  }
  return (one >>> 0) * 0x20_0000 + (other >>> 11);
}
