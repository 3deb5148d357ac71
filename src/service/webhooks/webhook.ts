import { withTimeout } from '../../ground/with-timeout.js';
import type { Delivery, DeliveryFailure } from '../ports/webhook-store.js';
import { attempt, type Outcome, type Receiver } from './attempt.js';
import { backOffMs, GIVEN_UP_AFTER_MS } from './retry.js';

/** Requests under way to one webhook. */
const MOST_AT_ONCE = 8;

/** How long a stop waits for requests under way. */
const STOP_WAIT_MS = 1_000;

/** The deliveries of one subject. Only the first is attempted. */
interface Queue {
  readonly deliveries: Delivery[];
  failures: number;
  cancelTimer: (() => void) | null;
}

/** What a webhook reports. */
export interface WebhookEvents {
  delivered(delivery: Delivery): void;
  /** An attempt failed; there will be others. */
  failed(delivery: Delivery, error: string): void;
  givenUp(delivery: Delivery, failure: DeliveryFailure): void;
  /** The receiver answered 410: nothing is sent any more. */
  gone(): void;
}

type Ports = Parameters<typeof attempt>[2];

/**
 * Sends the deliveries of one webhook: those of one subject in order, one at a time, and different subjects side by side.
 * Invariant: a queue is in `ready`, has a timer, or has a request under way.
 */
export class Webhook {
  isDisabled = false;
  private readonly queues = new Map<string, Queue>();
  private readonly ready: Queue[] = [];
  private readonly underWay = new Map<Promise<void>, AbortController>();
  private cancelPause: (() => void) | null = null;
  private isStopped = false;

  constructor(
    private readonly receiver: Receiver,
    private readonly ports: Ports,
    private readonly events: WebhookEvents,
  ) {}

  /** Unix milliseconds of the oldest event that waits; null: none does. */
  get oldest(): number | null {
    let oldest: number | null = null;
    for (const { deliveries } of this.queues.values()) {
      const at = deliveries[0]?.at ?? null;
      if (at !== null && (oldest === null || at < oldest)) oldest = at;
    }
    return oldest;
  }

  add(delivery: Delivery): void {
    if (this.isDisabled) {
      this.events.givenUp(delivery, this.failure(0, 'HTTP 410'));
      return;
    }
    const queue = this.queues.get(delivery.subject);
    if (queue !== undefined) {
      queue.deliveries.push(delivery);
      return;
    }
    const added: Queue = { deliveries: [delivery], failures: 0, cancelTimer: null };
    this.queues.set(delivery.subject, added);
    this.resume(added);
  }

  /** Sends nothing any more, and forgets what waits. */
  clear(): void {
    for (const { cancelTimer } of this.queues.values()) cancelTimer?.();
    this.cancelPause?.();
    this.cancelPause = null;
    this.queues.clear();
    this.ready.length = 0;
    for (const abort of this.underWay.values()) abort.abort();
  }

  /** The same, after requests under way had a moment to end. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await withTimeout(this.ports.clock, STOP_WAIT_MS, Promise.all(this.underWay.keys()));
    this.clear();
    await Promise.all(this.underWay.keys());
  }

  private resume(queue: Queue): void {
    queue.cancelTimer = null;
    this.ready.push(queue);
    this.pump();
  }

  private pump(): void {
    while (!this.isStopped && this.cancelPause === null && this.underWay.size < MOST_AT_ONCE) {
      const queue = this.ready.shift();
      if (queue === undefined) return;
      const abort = new AbortController();
      const run: Promise<void> = this.send(queue, abort).finally(() => {
        this.underWay.delete(run);
        this.pump();
      });
      this.underWay.set(run, abort);
    }
  }

  private async send(queue: Queue, abort: AbortController): Promise<void> {
    const [delivery] = queue.deliveries;
    if (delivery === undefined) return;
    const outcome = await attempt(this.receiver, delivery, this.ports, abort);
    // Cleared meanwhile: another replica sends it.
    if (this.queues.get(delivery.subject) !== queue) return;
    if (outcome.result === 'delivered') {
      queue.failures = 0;
      this.events.delivered(delivery);
      this.next(queue);
    } else if (outcome.result === 'gone') this.disable(queue, outcome.error);
    else this.retry(queue, delivery, outcome);
  }

  private retry(queue: Queue, delivery: Delivery, { error, pauseMs }: Exclude<Outcome, { result: 'delivered' }>): void {
    queue.failures++;
    const waitMs = Math.max(pauseMs ?? 0, backOffMs(queue.failures));
    if (pauseMs !== null) this.pause(pauseMs);
    if (this.ports.clock.now().unixMs + waitMs > delivery.at + GIVEN_UP_AFTER_MS) {
      this.events.givenUp(delivery, this.failure(queue.failures, error));
      this.next(queue);
      return;
    }
    this.events.failed(delivery, error);
    queue.cancelTimer = this.ports.clock.after(waitMs, () => this.resume(queue));
  }

  /** The first delivery of the queue is done with. */
  private next(queue: Queue): void {
    const [done] = queue.deliveries.splice(0, 1);
    if (queue.deliveries.length > 0) this.ready.push(queue);
    else if (done !== undefined) this.queues.delete(done.subject);
  }

  /** The receiver asked for it, whatever the subject. A pause that runs is replaced. */
  private pause(ms: number): void {
    this.cancelPause?.();
    this.cancelPause = this.ports.clock.after(ms, () => {
      this.cancelPause = null;
      this.pump();
    });
  }

  private disable({ failures }: Queue, error: string): void {
    this.isDisabled = true;
    const waiting = [...this.queues.values()].flatMap(({ deliveries }) => deliveries);
    this.clear();
    this.events.gone();
    for (const delivery of waiting) this.events.givenUp(delivery, this.failure(failures + 1, error));
  }

  private failure(attempts: number, error: string): DeliveryFailure {
    return { attempts, failedAt: this.ports.clock.now().unixMs, error: error.slice(0, 200) };
  }
}
