import { randomInt } from 'node:crypto';
import type { Machine } from '../../domain/machine.js';
import type { Clock, Log } from '../../ground/ports.js';
import { retryDelayMs } from '../../ground/retry-delay.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import type { MachineView } from '../../schemas/machine.js';
import type { WebhookEventType } from '../../schemas/webhooks.js';
import type { Event } from '../events/event.js';
import { LabelledCounter } from '../events/labelled-counter.js';
import type { Leadership } from '../leadership.js';
import type { WebhookSender } from '../ports/webhook-sender.js';
import type { Delivery, DeliveryFailure, WebhookStore } from '../ports/webhook-store.js';
import type { Receiver } from './attempt.js';
import { Outbox } from './outbox.js';
import { Webhook } from './webhook.js';
import { type ReportedEvent, webhookEvent } from './webhook-event.js';

export interface WebhookSettings extends Receiver {
  readonly name: string;
  readonly events: ReadonlySet<WebhookEventType>;
}

/** Events that wait for one webhook. */
const MOST_WAITING = 10_000;

/** Rows of older events are removed: those that were given up, and those of a webhook that is not configured any more. */
const KEPT_MS = 30 * 86_400_000;

/** An id is a tick of about a millisecond and a random number of this process, as in the history. */
const IDS_PER_TICK = 1_024;

const LOG_INTERVAL_MS = 60_000;

/** One webhook with what it counts. */
interface Target {
  readonly settings: WebhookSettings;
  readonly webhook: Webhook;
  waiting: number;
}

export interface WebhookPorts {
  /** Null: events that wait are lost at a restart. */
  readonly store: WebhookStore | null;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly log: Log;
  readonly leadership: Leadership;
}

/** `delivered`; `failed`: an attempt; `given_up`: an event, after a day or 410; `dropped`: an event, because too many wait. */
export type WebhookResult = 'delivered' | 'failed' | 'given_up' | 'dropped';

/** What `/metrics` shows of a webhook. */
export interface WebhookFigures {
  readonly webhook: string;
  readonly waiting: number;
  /** Age of the oldest event that waits; 0: none does. */
  readonly delayMs: number;
  readonly isDisabled: boolean;
}

/** Tells webhooks of events, at least once each. Only the leader does; a new leader continues from the table. */
export class Webhooks {
  readonly results = new LabelledCounter<{ readonly webhook: string; readonly result: WebhookResult }>();
  private readonly targets: ReadonlyMap<string, Target>;
  private readonly outbox: Outbox;
  private readonly throttle: LogThrottle;
  private readonly own = randomInt(IDS_PER_TICK);
  private lastTick = 0;
  /** Events since this process leads, until the table is loaded: those in the table come first. Null: it is loaded. */
  private early: (() => void)[] | null = [];
  private loadFailures = 0;
  private cancelLoad: (() => void) | null = null;
  /** Rises when this process leads, or ceases to. */
  private term = 0;

  constructor(
    settings: readonly WebhookSettings[],
    private readonly ports: WebhookPorts,
  ) {
    this.throttle = new LogThrottle(() => ports.clock.now().monotonicMs, LOG_INTERVAL_MS);
    this.targets = new Map(settings.map((one) => [one.name, this.targetOf(one)]));
    this.outbox = new Outbox(ports.store, ports, (delivery) =>
      this.targets.get(delivery.webhook)?.webhook.add(delivery),
    );
  }

  /** Sends the event to the webhooks that want it. @param view the machine as it is now */
  take(event: Event, view: (machine: Machine) => MachineView): void {
    if (!this.ports.leadership.isLeading || !isReported(event)) return;
    const targets = [...this.targets.values()].filter((target) => this.admits(target, event.kind));
    if (targets.length === 0) return;
    const at = this.ports.clock.now().unixMs;
    const { subject, data } = webhookEvent(event, view);
    const body = JSON.stringify({ type: event.kind, timestamp: new Date(at).toISOString(), data });
    for (const { settings } of targets) {
      const add = () => this.outbox.add({ id: this.nextId(at), webhook: settings.name, subject, at, body });
      if (this.early === null) add();
      else this.early.push(add);
    }
  }

  /** This process leads from now on: it sends what is in the table. Never rejects; a table that cannot be read is read later. */
  async lead(): Promise<void> {
    this.cancelLoad?.();
    const { store, clock, log, leadership } = this.ports;
    // A take-over may be tried again after this part of it has succeeded.
    if (!leadership.isLeading || this.early === null) return;
    const term = ++this.term;
    try {
      await store?.purge(clock.now().unixMs - KEPT_MS);
      const stored = (await store?.load()) ?? [];
      if (term === this.term) this.begin(stored);
    } catch (error) {
      if (term !== this.term) return;
      this.loadFailures++;
      log.error({ err: error, failures: this.loadFailures }, 'webhook read failed; retrying');
      this.cancelLoad = clock.after(retryDelayMs(0, this.loadFailures), () => void this.lead());
    }
  }

  /** Another replica may lead. */
  follow(): void {
    this.term++;
    this.cancelLoad?.();
    this.early = [];
    this.outbox.clear();
    for (const target of this.targets.values()) {
      target.webhook.clear();
      target.waiting = 0;
    }
  }

  /** What was not delivered stays in the table. */
  async stop(): Promise<void> {
    this.term++;
    this.cancelLoad?.();
    await Promise.all([...this.targets.values()].map(({ webhook }) => webhook.stop()));
    await this.outbox.stop();
  }

  *figures(): Generator<WebhookFigures> {
    const now = this.ports.clock.now().unixMs;
    for (const [name, { webhook, waiting }] of this.targets) {
      const delayMs = Math.max(0, now - (webhook.oldest ?? now));
      yield { webhook: name, waiting, delayMs, isDisabled: webhook.isDisabled };
    }
  }

  private begin(stored: readonly Delivery[]): void {
    const newest = stored.at(-1)?.id ?? 0;
    this.lastTick = Math.max(this.lastTick, Math.floor(newest / IDS_PER_TICK));
    let unknown = 0;
    for (const delivery of stored) {
      const target = this.targets.get(delivery.webhook);
      if (target === undefined) unknown++;
      else {
        target.waiting++;
        target.webhook.add(delivery);
      }
    }
    if (unknown > 0) this.ports.log.warn({ events: unknown }, 'events wait for a webhook that is not configured');
    const { early } = this;
    this.early = null;
    this.loadFailures = 0;
    for (const add of early ?? []) add();
  }

  /** Ids rise even when the clock is set back, or many events come within one millisecond. */
  private nextId(at: number): number {
    this.lastTick = Math.max(this.lastTick + 1, at);
    return this.lastTick * IDS_PER_TICK + this.own;
  }

  private admits(target: Target, type: WebhookEventType): boolean {
    const { settings, webhook } = target;
    if (webhook.isDisabled || !settings.events.has(type)) return false;
    if (target.waiting < MOST_WAITING) {
      target.waiting++;
      return true;
    }
    this.results.add({ webhook: settings.name, result: 'dropped' });
    this.log('error', 'webhook event dropped', { webhook: settings.name, waiting: target.waiting });
    return false;
  }

  private targetOf(settings: WebhookSettings): Target {
    const { name } = settings;
    const ended = (delivery: Delivery, outcome: 'delivered' | DeliveryFailure): void => {
      target.waiting--;
      this.outbox.end(delivery, outcome);
    };
    const webhook = new Webhook(settings, this.ports, {
      delivered: (delivery) => {
        this.results.add({ webhook: name, result: 'delivered' });
        ended(delivery, 'delivered');
      },
      failed: (delivery, reason) => {
        this.results.add({ webhook: name, result: 'failed' });
        this.log('warn', 'webhook failed; retrying', { webhook: name, subject: delivery.subject, reason });
      },
      givenUp: (delivery, failure) => {
        this.results.add({ webhook: name, result: 'given_up' });
        const { attempts, error } = failure;
        this.log('error', 'webhook event given up', {
          webhook: name,
          subject: delivery.subject,
          attempts,
          reason: error,
        });
        ended(delivery, failure);
      },
      gone: () => this.ports.log.warn({ webhook: name }, 'webhook disabled: its receiver answered 410'),
    });
    const target: Target = { settings, webhook, waiting: 0 };
    return target;
  }

  /** Thousands of events may fail at once. */
  private log(
    level: 'warn' | 'error',
    message: string,
    fields: { readonly webhook: string; readonly [more: string]: unknown },
  ): void {
    this.throttle.log(`${fields.webhook} ${message}`, (suppressed) => {
      this.ports.log[level]({ ...fields, suppressed }, message);
    });
  }
}

function isReported(event: Event): event is ReportedEvent {
  const { kind } = event;
  return kind === 'node_state' || kind === 'drain' || kind === 'reception' || kind === 'tag';
}
