import type { Clock, Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import type { WebhookEventType } from '../../schemas/webhooks.js';
import type { LabelledCounter } from '../events/labelled-counter.js';
import type { WebhookSender } from '../ports/webhook-sender.js';
import type { Delivery, DeliveryFailure } from '../ports/webhook-store.js';
import type { Receiver } from './attempt.js';
import { Webhook, type WebhookEvents } from './webhook.js';

export interface WebhookSettings extends Receiver {
  readonly name: string;
  readonly events: ReadonlySet<WebhookEventType>;
}

/** `delivered`; `failed`: an attempt; `given_up`: an event, after a day or 410; `dropped`: an event, because too many wait. */
export type WebhookResult = 'delivered' | 'failed' | 'given_up' | 'dropped';

export type WebhookResults = LabelledCounter<{ readonly webhook: string; readonly result: WebhookResult }>;

/** What `/metrics` shows of a webhook. */
export interface WebhookFigures {
  readonly webhook: string;
  readonly waiting: number;
  /** Age of the oldest event that waits; 0: none does. */
  readonly delayMs: number;
  readonly isDisabled: boolean;
}

/** Events that wait for one webhook. */
const MOST_WAITING = 10_000;

const LOG_INTERVAL_MS = 60_000;

/** One webhook with what it admits, what it counts, and its lines in the log. */
export class Target implements WebhookEvents {
  readonly webhook: Webhook;
  private readonly throttle: LogThrottle;
  private waiting = 0;

  /** @param ended called when an event was delivered or given up */
  constructor(
    readonly settings: WebhookSettings,
    private readonly ports: { readonly sender: WebhookSender; readonly clock: Clock; readonly log: Log },
    private readonly results: WebhookResults,
    private readonly ended: (delivery: Delivery, outcome: 'delivered' | DeliveryFailure) => void,
  ) {
    this.throttle = new LogThrottle(() => ports.clock.now().monotonicMs, LOG_INTERVAL_MS);
    this.webhook = new Webhook(settings, ports, this);
  }

  /** @param now unix milliseconds */
  figures(now: number): WebhookFigures {
    const { isDisabled, oldest } = this.webhook;
    const delayMs = Math.max(0, now - (oldest ?? now));
    return { webhook: this.settings.name, waiting: this.waiting, delayMs, isDisabled };
  }

  /** Whether the webhook gets an event of this type. It waits from then on. */
  admits(type: WebhookEventType): boolean {
    if (this.webhook.isDisabled || !this.settings.events.has(type)) return false;
    if (this.waiting < MOST_WAITING) {
      this.waiting++;
      return true;
    }
    this.count('dropped');
    this.log('error', 'webhook event dropped', { waiting: this.waiting });
    return false;
  }

  /** Takes a delivery that was in the table already. */
  restore(delivery: Delivery): void {
    this.waiting++;
    this.webhook.add(delivery);
  }

  clear(): void {
    this.webhook.clear();
    this.waiting = 0;
  }

  delivered(delivery: Delivery): void {
    this.count('delivered');
    this.end(delivery, 'delivered');
  }

  failed({ subject }: Delivery, reason: string): void {
    this.count('failed');
    this.log('warn', 'webhook failed; retrying', { subject, reason });
  }

  givenUp(delivery: Delivery, failure: DeliveryFailure): void {
    this.count('given_up');
    const { attempts, error: reason } = failure;
    this.log('error', 'webhook event given up', { subject: delivery.subject, attempts, reason });
    this.end(delivery, failure);
  }

  gone(): void {
    this.ports.log.warn({ webhook: this.settings.name }, 'webhook disabled: its receiver answered 410');
  }

  private count(result: WebhookResult): void {
    this.results.add({ webhook: this.settings.name, result });
  }

  private end(delivery: Delivery, outcome: 'delivered' | DeliveryFailure): void {
    this.waiting--;
    this.ended(delivery, outcome);
  }

  /** Thousands of events may fail at once. */
  private log(level: 'warn' | 'error', message: string, fields: object): void {
    this.throttle.log(message, (suppressed) => {
      this.ports.log[level]({ webhook: this.settings.name, ...fields, suppressed }, message);
    });
  }
}
