import { type ObjectInfo, type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { messageOf } from '../ground/message-of.js';
import type { Clock, Log } from '../ground/ports.js';
import { withTimeout } from '../ground/with-timeout.js';

/** The first byte of a snapshot. */
const VERSION = 1;
/** The library waits without an end for a snapshot without its chunks, and for the list of a server that is killed. */
const READ_TIMEOUT_MS = 60_000;

export interface SnapshotPlace {
  /** The last message of the log that it contains. */
  readonly seq: number;
  /** The time of that message, in Unix milliseconds. */
  readonly timeMs: number;
}

export interface Snapshot extends SnapshotPlace {
  readonly bytes: Buffer;
}

interface Slot extends SnapshotPlace {
  readonly name: string;
}

export interface SnapshotSettings {
  readonly prefix: string;
  /** Copies on servers of NATS. */
  readonly replicas: number;
  /** Of the log: snapshots of a lost one are ignored. */
  readonly epoch: string;
  /** How many are kept. */
  readonly keep: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A snapshot of a newer release: this process cannot join. */
export class UnknownSnapshotVersion extends Error {
  override readonly name = 'UnknownSnapshotVersion';
}

/** Keeps the newest snapshots. NATS checks their digests. */
export class SnapshotStore {
  private constructor(
    private readonly objects: ObjectStore,
    private readonly settings: SnapshotSettings,
  ) {}

  static async open(nats: NatsConnection, settings: SnapshotSettings): Promise<SnapshotStore> {
    const { prefix, replicas } = settings;
    return new SnapshotStore(await new Objm(nats).create(`${prefix}_snapshots`, { replicas }), settings);
  }

  /** How many are kept. */
  get keep(): number {
    return this.settings.keep;
  }

  /**
   * Replaces the oldest one if there are as many as are kept. The names stay the same, because NATS keeps a mark for each name that was
   * deleted.
   */
  async put({ seq, timeMs, bytes }: Snapshot): Promise<void> {
    const slots = await this.slots();
    const used = new Set(slots.map(({ name }) => name));
    const names = Array.from({ length: this.settings.keep }, (_, index) => `slot-${index}`);
    const name = names.find((one) => !used.has(one)) ?? slots.at(-1)?.name ?? 'slot-0';
    const metadata = { epoch: this.settings.epoch, seq: String(seq), time_ms: String(timeMs) };
    await this.objects.putBlob({ name, metadata }, Buffer.concat([Buffer.of(VERSION), bytes]));
  }

  /** Newest first. */
  async list(): Promise<SnapshotPlace[]> {
    return (await this.slots()).map(({ seq, timeMs }) => ({ seq, timeMs }));
  }

  /**
   * Returns the newest snapshot of that time or before; the oldest one, if all are younger; null if there is none. One that is damaged is
   * skipped, with a warning.
   * @param firstSeq the oldest message of the log: a snapshot without those that follow it is of no use
   * @throws UnknownSnapshotVersion
   */
  async newest(untilMs: number, firstSeq = 0): Promise<Snapshot | null> {
    const slots = (await this.slots()).filter(({ seq }) => seq + 1 >= firstSeq);
    const old = slots.filter(({ timeMs }) => timeMs <= untilMs);
    // The youngest come last, the oldest of them first.
    const young = slots.slice(0, slots.length - old.length).reverse();
    for (const slot of [...old, ...young]) {
      const bytes = await this.read(slot);
      if (bytes !== null) return { seq: slot.seq, timeMs: slot.timeMs, bytes };
    }
    return null;
  }

  private async slots(): Promise<Slot[]> {
    const objects = await withTimeout(this.settings.clock, READ_TIMEOUT_MS, this.objects.list());
    if (objects === undefined) throw new Error('NATS does not list the snapshots');
    const ours = objects.filter(({ deleted, metadata }) => !deleted && metadata?.epoch === this.settings.epoch);
    return ours.map(slotOf).sort((a, b) => b.seq - a.seq);
  }

  private async read({ name, seq }: Slot): Promise<Buffer | null> {
    const { clock, log } = this.settings;
    let blob: Uint8Array | null | undefined;
    try {
      blob = await withTimeout(clock, READ_TIMEOUT_MS, this.objects.getBlob(name));
      if (!blob || blob.length === 0) throw new Error('its content is missing');
    } catch (error) {
      log.warn({ seq, err: messageOf(error) }, 'Damaged snapshot skipped');
      return null;
    }
    const version = blob[0];
    if (version !== VERSION) {
      throw new UnknownSnapshotVersion(`A snapshot has version ${version}; this release reads ${VERSION}.`);
    }
    return Buffer.from(blob.buffer, blob.byteOffset + 1, blob.byteLength - 1);
  }
}

function slotOf({ name, metadata }: ObjectInfo): Slot {
  return { name, seq: Number(metadata?.seq), timeMs: Number(metadata?.time_ms) };
}
