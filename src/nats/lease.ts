import { randomUUID } from 'node:crypto';
import type { KV } from '@nats-io/kv';
import { messageOf } from '../ground/message-of.js';
import type { Clock, Log } from '../ground/ports.js';
import { currentValue, isOtherRevision } from './bucket.js';

/** The maximum age of the bucket: a holder that does not renew loses the lease. */
export const LEASE_MS = 3_000;
/** The holder stops this much earlier, since its clock and that of NATS may differ in speed. */
const MARGIN_MS = 500;
const RENEW_MS = 1_000;
const ATTEMPT_MS = 500;
const KEY = 'leader';

interface Value {
  readonly name: string;
  /** Random for each process: a name may be used again. */
  readonly id: string;
}

/**
 * The right to lead, held by at most one replica. The holder counts on its own monotonic clock from before the request that renewed it last,
 * so a process that was frozen does not hold it when it wakes.
 */
export class Lease {
  /** The name of the replica that held it when this one last looked; null: nobody. */
  holder: string | null = null;
  private readonly id = randomUUID();
  private readonly listeners = new Set<() => void>();
  /** Of our value; null: we have none. */
  private revision: number | null = null;
  private term = 0;
  private heldUntilMs = Number.NEGATIVE_INFINITY;
  private told = '';
  private isStopped = false;
  private cancelAttempt = () => {};
  private cancelEnd = () => {};
  private attempting: Promise<void> = Promise.resolve();

  /** @param bucket one with a maximum age of `LEASE_MS` */
  constructor(
    private readonly bucket: KV,
    private readonly name: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** From now on this replica tries to get the lease, and renews it. */
  start(): void {
    this.attempting = this.attempt();
  }

  isHeld(): boolean {
    return this.clock.now().monotonicMs < this.heldUntilMs;
  }

  /** The fencing token: each new holder has a higher one. Null if we do not hold the lease. */
  get token(): number | null {
    return this.isHeld() ? this.term : null;
  }

  /** Calls the listener whenever `isHeld()`, `token` or `holder` changed. @returns a function that removes it */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Gives the lease up, so that another replica need not wait for its end. */
  async release(): Promise<void> {
    this.isStopped = true;
    this.cancelAttempt();
    // A renewal that is under way would come after the deletion.
    await this.attempting;
    const { revision } = this;
    this.lose();
    if (revision === null) return;
    await this.bucket
      .delete(KEY, { previousSeq: revision })
      .catch((error: unknown) => this.log.debug({ err: messageOf(error) }, 'Lease not given up'));
  }

  private async attempt(): Promise<void> {
    const startedMs = this.clock.now().monotonicMs;
    try {
      if (this.revision === null) await this.acquire();
      else await this.renew(this.revision);
    } catch (error) {
      // No answer. What was written may be stored; `acquire` finds out.
      this.log.debug({ err: messageOf(error) }, 'Lease not renewed');
    }
    this.tell();
    if (this.isStopped) return;
    const interval = this.isHeld() ? RENEW_MS : ATTEMPT_MS;
    const waitMs = Math.max(0, startedMs + interval - this.clock.now().monotonicMs);
    this.cancelAttempt = this.clock.after(waitMs, () => {
      this.attempting = this.attempt();
    });
  }

  private async acquire(): Promise<void> {
    const found = await currentValue(this.bucket, KEY);
    if (found !== null) {
      const { name, id } = found.json<Value>();
      this.holder = name;
      // We wrote it, and did not see the answer.
      if (id === this.id) await this.renew(found.revision);
      return;
    }
    this.holder = null;
    await this.write((value) => this.bucket.create(KEY, value));
  }

  private renew(revision: number): Promise<void> {
    return this.write((value) => this.bucket.update(KEY, value, revision));
  }

  private async write(send: (value: string) => Promise<number>): Promise<void> {
    // The value in NATS lives from a later instant on.
    const sentMs = this.clock.now().monotonicMs;
    const value: Value = { name: this.name, id: this.id };
    try {
      this.won(await send(JSON.stringify(value)), sentMs + LEASE_MS - MARGIN_MS);
    } catch (error) {
      this.revision = null;
      if (!isOtherRevision(error)) throw error;
      this.lose();
    }
  }

  private won(revision: number, untilMs: number): void {
    if (!this.isHeld()) this.term = revision;
    this.revision = revision;
    this.holder = this.name;
    this.heldUntilMs = untilMs;
    this.cancelEnd();
    const leftMs = untilMs - this.clock.now().monotonicMs;
    this.cancelEnd = this.clock.after(Math.max(0, leftMs), () => this.tell());
  }

  private lose(): void {
    this.revision = null;
    this.heldUntilMs = Number.NEGATIVE_INFINITY;
    this.cancelEnd();
    if (this.holder === this.name) this.holder = null;
    this.tell();
  }

  private tell(): void {
    const now = `${this.token} ${this.holder}`;
    if (now === this.told) return;
    this.told = now;
    for (const listener of this.listeners) listener();
  }
}
