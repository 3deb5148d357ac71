import type { Machine } from '../../domain/machine.js';
import type { Clock, Log } from '../../ground/ports.js';
import { retryDelayMs } from '../../ground/retry-delay.js';
import type { MachineView } from '../../schemas/machine.js';
import type { Event } from '../events/event.js';
import { LabelledCounter } from '../events/labelled-counter.js';
import type { Leadership } from '../leadership.js';
import type { WebhookSender } from '../ports/webhook-sender.js';
import type { Delivery, WebhookStore } from '../ports/webhook-store.js';
import { TickIds } from '../tick-ids.js';
import { Outbox } from './outbox.js';
import { Target, type WebhookFigures, type WebhookResults, type WebhookSettings } from './target.js';
import { type ReportedEvent, webhookEvent } from './webhook-event.js';

/** Rows of older events are removed: those that were given up, and those of a webhook that is not configured any more. */
const KEPT_MS = 30 * 86_400_000;

export interface WebhookPorts {
  /** Null: events that wait are lost at a restart. */
  readonly store: WebhookStore | null;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly log: Log;
  readonly leadership: Leadership;
}

/** Tells webhooks of events, at least once each. Only the leader does; a new leader continues from the table. */
export class Webhooks {
  readonly results: WebhookResults = new LabelledCounter();
  private readonly targets: ReadonlyMap<string, Target>;
  private readonly outbox: Outbox;
  private readonly ids = TickIds.ofProcess();
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
    const targetOf = (one: WebhookSettings) =>
      new Target(one, ports, this.results, (delivery, outcome) => this.outbox.end(delivery, outcome));
    this.targets = new Map(settings.map((one) => [one.name, targetOf(one)]));
    this.outbox = new Outbox(ports.store, ports, (delivery) =>
      this.targets.get(delivery.webhook)?.webhook.add(delivery),
    );
  }

  /** Sends the event to the webhooks that want it. @param view the machine as it is now */
  take(event: Event, view: (machine: Machine) => MachineView): void {
    if (!this.ports.leadership.isLeading || !isReported(event)) return;
    const targets = [...this.targets.values()].filter((target) => target.admits(event.kind));
    if (targets.length === 0) return;
    const at = this.ports.clock.now().unixMs;
    const { subject, data } = webhookEvent(event, view);
    const body = JSON.stringify({ type: event.kind, timestamp: new Date(at).toISOString(), data });
    for (const { settings } of targets) {
      const add = () => this.outbox.add({ id: this.ids.next(at), webhook: settings.name, subject, at, body });
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
    for (const target of this.targets.values()) target.clear();
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
    for (const target of this.targets.values()) yield target.figures(now);
  }

  private begin(stored: readonly Delivery[]): void {
    this.ids.startAfter(stored.at(-1)?.id ?? 0);
    let unknown = 0;
    for (const delivery of stored) {
      const target = this.targets.get(delivery.webhook);
      if (target === undefined) unknown++;
      else target.restore(delivery);
    }
    if (unknown > 0) this.ports.log.warn({ events: unknown }, 'events wait for a webhook that is not configured');
    const { early } = this;
    this.early = null;
    this.loadFailures = 0;
    for (const add of early ?? []) add();
  }
}

function isReported(event: Event): event is ReportedEvent {
  const { kind } = event;
  return kind === 'node_state' || kind === 'drain' || kind === 'reception' || kind === 'tag';
}
