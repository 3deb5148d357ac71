import { randomUUID } from 'node:crypto';
import type { KV, KvEntry, KvWatchEntry } from '@nats-io/kv';
import type { QueuedIterator } from '@nats-io/transport-node';
import { messageOf } from '../ground/message-of.js';
import { pause } from '../ground/pause.js';
import type { Clock, Log } from '../ground/ports.js';
import { currentValue, isOtherRevision } from './bucket.js';

/** The maximum age of the bucket. With `SILENT_MS` it bounds how long a dead replica is listed, also by one that starts later. */
export const REPLICA_AGE_MS = 8_000;
const WRITE_MS = 2_000;
/** A replica that has not written for this long is dead. */
const SILENT_MS = 6_000;
/** Without any entry for this long, our own among them, the watch does not work: nothing is known of the others. */
const DEAF_MS = 2 * WRITE_MS;
const RETRY_MS = 500;

/** What a replica says of itself. */
export interface ReplicaStatus {
  readonly name: string;
  readonly applied_seq: number;
  readonly lag_ms: number;
  /** When it started, as in the API. */
  readonly since: string;
}

interface Value extends ReplicaStatus {
  /** Random for each process. */
  readonly id: string;
}

interface Seen {
  readonly value: Value;
  /** Monotonic. */
  atMs: number;
}

/** The replicas that are alive: each writes its status every 2 s, and watches the others. */
export class ReplicaList {
  private readonly id = randomUUID();
  private readonly seen = new Map<string, Seen>();
  /** When the watch last had an entry. */
  private heardMs = 0;
  private revision = 0;
  private isStopped = false;
  private cancelWrite = () => {};
  private cancelWatch = () => {};
  private watcher: QueuedIterator<KvWatchEntry> | null = null;
  private writing: Promise<void> = Promise.resolve();

  /**
   * @param bucket one with a maximum age of `REPLICA_AGE_MS`
   * @param status called before each write
   */
  constructor(
    private readonly bucket: KV,
    private readonly name: string,
    private readonly status: () => ReplicaStatus,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Takes the name. @throws Error that names the variable if a live process has it */
  async start(): Promise<void> {
    const isTaken = async () => !(await this.write());
    if (await isTaken()) {
      const before = await currentValue(this.bucket, this.name);
      // A process that was killed leaves its entry, and writes no more.
      await pause(this.clock, SILENT_MS);
      const after = await currentValue(this.bucket, this.name);
      if (after !== null && after.revision === before?.revision) this.revision = after.revision;
      if (await isTaken()) {
        throw new Error(`CLUSTERER_REPLICA: another replica that runs has the name ${JSON.stringify(this.name)}.`);
      }
    }
    this.planWrite();
    void this.watch();
  }

  /** By name. While the watch does not work, the others stay listed. */
  list(): ReplicaStatus[] {
    const oldestMs = this.heardMs - SILENT_MS;
    const others = [...this.seen.values()].filter(({ value, atMs }) => value.name !== this.name && atMs >= oldestMs);
    const all = [this.status(), ...others.map(({ value: { id: _, ...status } }) => status)];
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Leaves the list. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelWrite();
    this.cancelWatch();
    this.watcher?.stop();
    await this.writing;
    await this.bucket
      .delete(this.name, { previousSeq: this.revision })
      .catch((error: unknown) => this.log.debug({ err: messageOf(error) }, 'Replica not removed from the list'));
  }

  private planWrite(): void {
    this.cancelWrite = this.clock.after(WRITE_MS, () => {
      this.writing = this.writeAgain();
    });
  }

  private async writeAgain(): Promise<void> {
    try {
      const isOurs = await this.write();
      if (!isOurs) this.log.error({ name: this.name }, 'Another replica has taken the name of this one');
    } catch (error) {
      this.log.debug({ err: messageOf(error) }, 'Replica status not written');
    }
    if (this.clock.now().monotonicMs - this.heardMs > DEAF_MS) this.watcher?.stop();
    if (!this.isStopped) this.planWrite();
  }

  /** @returns false if another process has the name */
  private async write(): Promise<boolean> {
    const value: Value = { ...this.status(), id: this.id };
    const text = JSON.stringify(value);
    try {
      this.revision = await (this.revision > 0
        ? this.bucket.update(this.name, text, this.revision)
        : this.bucket.create(this.name, text));
      return true;
    } catch (error) {
      if (!isOtherRevision(error)) throw error;
    }
    // Too old and removed, or a write without an answer was stored after all: both are ours. The next write finds it so.
    const found = await currentValue(this.bucket, this.name);
    const isOurs = found === null || found.json<Value>().id === this.id;
    this.revision = isOurs ? (found?.revision ?? 0) : this.revision;
    return isOurs;
  }

  private async watch(): Promise<void> {
    try {
      this.watcher = await this.bucket.watch();
      if (this.isStopped) this.watcher.stop();
      for await (const entry of this.watcher) this.changed(entry);
    } catch (error) {
      this.log.debug({ err: messageOf(error) }, 'Replicas cannot be watched');
    }
    if (!this.isStopped) this.cancelWatch = this.clock.after(RETRY_MS, () => void this.watch());
  }

  private changed(entry: KvEntry): void {
    const nowMs = this.clock.now().monotonicMs;
    const deafMs = nowMs - this.heardMs;
    this.heardMs = nowMs;
    // What the others wrote meanwhile was not heard: that time does not count as their silence.
    if (deafMs > DEAF_MS) for (const one of this.seen.values()) one.atMs += deafMs;
    if (entry.operation !== 'PUT') this.seen.delete(entry.key);
    else this.seen.set(entry.key, { value: entry.json<Value>(), atMs: nowMs });
  }
}
