import { ServiceError } from '../ground/errors.js';
import { pause } from '../ground/pause.js';
import type { Clock } from '../ground/ports.js';
import { withTimeout } from '../ground/with-timeout.js';
import { leaderChanged } from '../service/leadership.js';
import { decodeOutcome, encodeCall, type LeaderCall } from '../service/replicas/leader-calls.js';
import type { ReplicatedLog } from './replicated-log.js';
import { type ReplicaRequests, ReplicaUnreachable } from './requests.js';

/** Calls that send packets are not delayed: nobody knows whether they are still wanted after a wait. */
const SENDS: ReadonlySet<string> = new Set(['sendTo', 'sendPacket', 'runMi', 'sendMessage']);

/** How long other calls wait for a leader, and how often they try one that is not there. */
const LEADER_WAIT_MS = 5_000;
const RETRY_MS = 250;

/** The longest call: a reload with a slow database. */
const CALL_MS = 60_000;

/** How long the result of a call may take to come through the log. */
const APPLY_MS = 5_000;

/** The position of the leader after a call comes before its outcome. */
const POSITION_BYTES = 8;

/** What a replica tells the others after an interruption of its connection: its name. */
const RECONNECTED = 'reconnected';

interface Parts {
  readonly requests: ReplicaRequests;
  readonly log: ReplicatedLog;
  readonly clock: Clock;
  readonly replica: string;
  /** The replica that leads; null: nobody. */
  readonly leader: () => string | null;
  readonly isLeading: () => boolean;
  readonly reached: (position: number, timeoutMs: number) => Promise<boolean>;
}

/** Takes the calls of this replica to the leader. */
export class LeaderLink {
  private readonly waiting = new Set<() => void>();
  /** The calls that wait for a reply. */
  private readonly called = new Set<{ readonly leader: string; readonly lost: () => void }>();

  constructor(private readonly parts: Parts) {
    parts.requests.subscribe(RECONNECTED, (name) => this.lost((leader) => leader === name.toString()));
  }

  /** Runs the calls of the others here. @param run see `runCall` */
  serve(run: (call: Buffer) => Promise<Buffer>): void {
    this.parts.requests.serve(this.parts.replica, async (call) => {
      // The call may have waited for a process that was frozen. Its caller was told so, and may have repeated it.
      if (!this.parts.isLeading()) throw leaderChanged();
      const outcome = await run(call);
      const reply = Buffer.allocUnsafe(POSITION_BYTES + outcome.length);
      reply.writeBigUInt64BE(BigInt(this.parts.log.position), 0);
      outcome.copy(reply, POSITION_BYTES);
      return reply;
    });
  }

  /** @throws as `ToLeader` does */
  async call(call: LeaderCall): Promise<unknown> {
    const reply = await this.replyTo(call);
    await this.parts.reached(Number(reply.readBigUInt64BE(0)), APPLY_MS);
    return decodeOutcome(reply.subarray(POSITION_BYTES));
  }

  /** A leader that is absent has not got the call. Until its lease ends, it is the leader for all others. */
  private async replyTo(call: LeaderCall): Promise<Buffer> {
    const { clock, requests } = this.parts;
    const endMs = clock.now().monotonicMs + LEADER_WAIT_MS;
    for (;;) {
      const leader = await this.leaderFor(call, endMs);
      try {
        return await this.unlessLost(leader, requests.request(leader, encodeCall(call), CALL_MS));
      } catch (error) {
        if (!(error instanceof ReplicaUnreachable)) throw error;
        if (error.reason !== 'absent') throw leaderChanged();
        if (SENDS.has(call.method) || clock.now().monotonicMs + RETRY_MS > endMs) throw noLeader();
      }
      await pause(clock, RETRY_MS);
    }
  }

  /** Another replica may lead now. */
  leaderChanged(): void {
    for (const check of [...this.waiting]) check();
  }

  /**
   * The connection of this replica was lost, or is back. What was under way on it does not come any more: requests of this replica, and its
   * replies to others.
   */
  connectionChanged(isConnected: boolean): void {
    this.lost(() => true);
    if (isConnected) this.parts.requests.broadcast(RECONNECTED, Buffer.from(this.parts.replica));
  }

  private lost(isLost: (leader: string) => boolean): void {
    for (const call of this.called) if (isLost(call.leader)) call.lost();
  }

  private async leaderFor({ method }: LeaderCall, endMs: number): Promise<string> {
    const { clock } = this.parts;
    const { unavailable } = this.parts.log;
    if (unavailable !== null) throw unavailable;
    const known = this.parts.leader();
    if (known !== null) return known;
    if (SENDS.has(method)) throw noLeader();
    const found = await withTimeout(
      clock,
      endMs - clock.now().monotonicMs,
      this.when(() => this.parts.leader()),
    );
    if (found === undefined) throw noLeader();
    return found;
  }

  /** Rejects when the reply cannot come any more, or another replica leads. */
  private async unlessLost<T>(leader: string, work: Promise<T>): Promise<T> {
    const { term } = this.parts.log;
    let lost = () => {};
    const isLost = new Promise<never>((_, reject) => {
      lost = () => reject(leaderChanged());
    });
    const call = { leader, lost };
    const check = () => {
      if (this.parts.log.term !== term) lost();
    };
    this.called.add(call);
    this.waiting.add(check);
    try {
      return await Promise.race([work, isLost]);
    } finally {
      this.called.delete(call);
      this.waiting.delete(check);
    }
  }

  /** Resolves with the first value that is not null, after changes of the leader. */
  private when<T>(value: () => T | null): Promise<T> {
    return new Promise((resolve) => {
      const check = () => {
        const now = value();
        if (now === null) return;
        this.waiting.delete(check);
        resolve(now);
      };
      this.waiting.add(check);
      check();
    });
  }
}

function noLeader(): ServiceError {
  return new ServiceError(
    'no_leader',
    'No replica leads at the moment; a new leader takes over within 5 s. Repeat the call.',
  );
}
