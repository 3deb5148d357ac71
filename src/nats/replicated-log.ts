import type { ServiceError } from '../ground/errors.js';
import type { Now } from '../ground/now.js';
import { leaderChanged } from '../service/leadership.js';
import type { Apply, CommandLog, Entry, LoggedCommand } from '../service/log/command-log.js';
import { decodeEntry, encodeEntry } from '../service/log/entry-codec.js';
import type { StoredMessage } from './consumer.js';
import { LONGEST_PAUSE_MS, type LogClock } from './log-clock.js';
import { MessageOrder, type OrderState } from './message-order.js';
import { PendingReplies } from './pending-replies.js';
import type { Publisher } from './publisher.js';

/** What any replica may append. The others are for the leader, and do not count after its term. */
const ANYBODYS: ReadonlySet<LoggedCommand['type']> = new Set<LoggedCommand['type']>([
  'receive',
  'hear',
  'registration',
  'sync',
  'report',
  'lead',
]);

/** The log sets it. */
const NO_TIME: Now = { monotonicMs: 0, unixMs: 0 };

/** What replicas must agree on, besides what the entries change. */
export interface LogState {
  readonly order: OrderState;
  readonly term: number;
  readonly leader: string | null;
}

export interface LogEvents {
  /** Another replica leads, or this one. */
  leaderChanged(): void;
  /** The leader asks all replicas for the digest of their state after this position. */
  checkpoint(position: number): void;
  /** A command of which nobody waits for the reply was not taken. */
  refused(type: LoggedCommand['type'], reason: Error): void;
}

/** The log that replicas share. A command is published, comes back at its place, and is applied then, on every replica. */
export class ReplicatedLog implements CommandLog {
  position = 0;
  /** Rises with every leader. */
  term = 0;
  leader: string | null = null;
  /** Why nothing can be appended; null: it can. */
  unavailable: ServiceError | null = null;
  private order = new MessageOrder();
  /** A checkpoint is in the message that is being applied. */
  private isCheckpoint = false;
  /** The time of the newest message; null before the first one. */
  private newestMs: number | null = null;
  private readonly pending = new PendingReplies();
  private apply: Apply = () => {
    throw new Error('The command log has no subscriber.');
  };

  constructor(
    readonly epoch: string,
    private readonly replica: string,
    private readonly publisher: Publisher,
    private readonly clock: LogClock,
    private readonly isLeading: () => boolean,
    private readonly events: LogEvents,
  ) {}

  append(command: LoggedCommand, by: string | null, reason: string | null): Promise<unknown> {
    const refused = this.unavailable ?? this.refused(command) ?? this.publish(command, by, reason);
    return refused === null ? this.pending.expect() : Promise.reject(refused);
  }

  /** Packets wait until the log takes them; their sockets are not read meanwhile. */
  post(command: LoggedCommand): void {
    if (this.refused(command) !== null) return;
    const refusal = this.publish(command, null, null);
    if (refusal === null) this.pending.expectNothing();
    else this.events.refused(command.type, refusal);
  }

  subscribe(apply: Apply): void {
    this.apply = apply;
  }

  /** Applies a message at its place. */
  deliver(message: StoredMessage): void {
    this.clock.during(message.timeMs, (now) => this.applyMessage(message, now));
  }

  private applyMessage({ seq, incarnation, n, parts }: StoredMessage, now: Now): void {
    this.position = seq;
    this.countPause(now);
    if (!this.order.accept(incarnation, n)) return;
    const isOurs = incarnation === this.publisher.incarnationId;
    for (const part of parts) {
      const waiting = isOurs ? this.pending.take() : null;
      const entry = { ...decodeEntry(part), position: seq, now };
      if (this.isOfEarlierLeader(entry)) {
        waiting?.reject(leaderChanged());
        continue;
      }
      try {
        const reply = this.take(entry);
        waiting?.resolve(reply);
      } catch (error) {
        if (waiting === null) throw error;
        waiting.reject(error as Error);
      }
    }
    if (!this.isCheckpoint) return;
    this.isCheckpoint = false;
    this.events.checkpoint(seq);
  }

  /** Nobody knows what happens to the commands that are on their way: their callers are told so. */
  rejectPending(error: () => ServiceError): void {
    this.pending.rejectAll(error);
  }

  /** That of the newest message, in Unix milliseconds. Unlike the clock of the stream, it never goes back. */
  get timeMs(): number {
    return this.newestMs ?? 0;
  }

  get state(): LogState {
    return { order: this.order.state(), term: this.term, leader: this.leader };
  }

  /** Continues after the message that a snapshot ends with. */
  restore({ order, term, leader }: LogState, position: number, timeMs: number): void {
    this.order = new MessageOrder(order);
    this.term = term;
    this.leader = leader;
    this.position = position;
    this.newestMs = this.clock.advance(timeMs).monotonicMs;
  }

  /** The same on every replica, because it follows only from the log. */
  private countPause(now: Now): void {
    const ms = now.monotonicMs - (this.newestMs ?? now.monotonicMs);
    this.newestMs = now.monotonicMs;
    if (ms <= LONGEST_PAUSE_MS) return;
    const command = { type: 'interruption', ms } as const;
    this.apply({ position: this.position, now, replica: this.replica, by: null, reason: null, command });
  }

  /** Returns why the publisher does not take the command, or null. What it takes comes back, and nothing else. */
  private publish(command: LoggedCommand, by: string | null, reason: string | null): Error | null {
    const place = { position: 0, now: NO_TIME, replica: this.replica, by, reason };
    const entry: Entry = ANYBODYS.has(command.type) ? { ...place, command } : { ...place, term: this.term, command };
    const part = encodeEntry(entry);
    const refusal = this.publisher.refusal(part);
    // The reply comes with the entry.
    if (refusal === null) this.publisher.publish(part).catch(() => undefined);
    return refusal;
  }

  private refused({ type }: LoggedCommand): ServiceError | null {
    return ANYBODYS.has(type) || this.isLeading() ? null : leaderChanged();
  }

  private isOfEarlierLeader({ term }: Entry): boolean {
    return term !== undefined && term !== this.term;
  }

  private take(entry: Entry): unknown {
    const { command, replica } = entry;
    switch (command.type) {
      case 'lead':
        if (command.term > this.term) this.lead(command.term, replica);
        return null;
      case 'checkpoint':
        // After the whole message: a replica that joins begins with the next one.
        this.isCheckpoint = true;
        return null;
      default:
        return this.apply(entry);
    }
  }

  private lead(term: number, replica: string): void {
    this.term = term;
    this.leader = replica;
    this.events.leaderChanged();
  }
}
