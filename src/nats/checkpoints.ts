import { messageOf } from '../ground/message-of.js';
import type { Log } from '../ground/ports.js';
import type { ReplicaRequests } from './requests.js';
import type { SnapshotStore } from './snapshot-store.js';
import type { LogStream } from './stream.js';

/** A digest of the state of a replica after a position of the log. */
interface Digest {
  readonly replica: string;
  readonly position: number;
  readonly digest: string;
}

/** Positions whose digests are compared. */
const KEPT_POSITIONS = 10;

const TOPIC = 'digest';

interface Parts {
  readonly replica: string;
  readonly requests: ReplicaRequests;
  readonly snapshots: SnapshotStore;
  readonly stream: LogStream;
  readonly log: Log;
  /** This replica differs from most others, or from the leader where there are two. */
  readonly diverged: () => void;
  readonly leader: () => string | null;
}

/** Compares the states of the replicas at the checkpoints of the log, and keeps snapshots of them. */
export class Checkpoints {
  /** How many comparisons found a difference. */
  differences = 0;
  private readonly digests = new Map<number, Map<string, string>>();
  /** Positions with a difference. More digests of one come later. */
  private readonly different = new Set<number>();
  private storing: Promise<void> = Promise.resolve();

  constructor(private readonly parts: Parts) {
    parts.requests.subscribe(TOPIC, (bytes) => this.received(JSON.parse(bytes.toString()) as Digest));
  }

  /** Tells the others the digest of this replica after a position. */
  digest(position: number, digest: string): void {
    const mine: Digest = { replica: this.parts.replica, position, digest };
    this.parts.requests.broadcast(TOPIC, Buffer.from(JSON.stringify(mine)));
  }

  /** Stores a snapshot, and removes from the log what no snapshot needs. */
  store(seq: number, timeMs: number, bytes: Buffer): void {
    this.storing = this.storing.then(() => this.put(seq, timeMs, bytes));
  }

  /** Resolves when all snapshots until now are stored, or have failed. */
  async stored(): Promise<void> {
    await this.storing;
  }

  /**
   * Removes everything from a full log that the newest snapshot has: less than a resume at a replica that joins later may ask for. Without
   * room the leader could not append the next checkpoint. Any replica may do it, because without room nobody can renew the lease.
   * @returns false if there was nothing to remove
   */
  async makeRoom(): Promise<boolean> {
    const { snapshots, stream, log } = this.parts;
    const [newest] = await snapshots.list();
    const { firstSeq } = await stream.state();
    if (newest === undefined || newest.seq < firstSeq) return false;
    await stream.purgeBefore(newest.seq + 1);
    log.warn({ first: firstSeq, last: newest.seq }, 'Oldest part of the full log removed');
    return true;
  }

  private async put(seq: number, timeMs: number, bytes: Buffer): Promise<void> {
    const { snapshots, stream, log } = this.parts;
    try {
      await snapshots.put({ seq, timeMs, bytes });
      // While there are fewer snapshots, the log is younger than what it keeps for replicas that are cut off, and for a resume.
      const oldest = (await snapshots.list())[snapshots.keep - 1];
      if (oldest !== undefined) await stream.purgeBefore(oldest.seq + 1);
    } catch (error) {
      log.warn({ seq, err: messageOf(error) }, 'snapshot not stored');
    }
  }

  private received({ replica, position, digest }: Digest): void {
    const at = this.digests.get(position) ?? new Map<string, string>();
    at.set(replica, digest);
    this.digests.set(position, at);
    if (this.digests.size > KEPT_POSITIONS) this.forget(Math.min(...this.digests.keys()));
    this.compare(position, at);
  }

  private forget(position: number): void {
    this.digests.delete(position);
    this.different.delete(position);
  }

  private compare(position: number, digests: ReadonlyMap<string, string>): void {
    const counts = new Map<string, number>();
    for (const digest of digests.values()) counts.set(digest, (counts.get(digest) ?? 0) + 1);
    if (counts.size < 2) return;
    if (!this.different.has(position)) this.differences++;
    this.different.add(position);
    this.parts.log.error({ position, digests: Object.fromEntries(digests) }, 'replicas differ');
    const mine = digests.get(this.parts.replica);
    const most = Math.max(...counts.values());
    const isShared = [...counts.values()].filter((count) => count === most).length > 1;
    const right = isShared
      ? digests.get(this.parts.leader() ?? '')
      : [...counts].find(([, count]) => count === most)?.[0];
    if (mine !== undefined && right !== undefined && mine !== right) this.parts.diverged();
  }
}
