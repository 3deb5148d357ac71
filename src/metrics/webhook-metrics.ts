import type { Registry } from 'prom-client';
import type { WebhookFigures } from '../service/webhooks/target.js';
import type { Webhooks } from '../service/webhooks/webhooks.js';
import { sampledCounter, sampledGauge, samples } from './sampled.js';

/** Adds the metrics of webhooks. Without webhooks they have no series. */
export function addWebhooks(registry: Registry, webhooks: Webhooks | null): void {
  const events = {
    name: 'clusterer_webhook_events_total',
    help: 'Events for webhooks: delivered, given_up (after a day of failures, or 410), dropped (too many waited); failed counts attempts',
    labels: ['webhook', 'result'],
  };
  sampledCounter(registry, events, () => samples(webhooks?.results.all() ?? []));
  const gauge = (name: string, help: string, value: (figures: WebhookFigures) => number): void => {
    sampledGauge(registry, { name, help, labels: ['webhook'] }, function* () {
      for (const figures of webhooks?.figures() ?? []) yield [value(figures), { webhook: figures.webhook }];
    });
  };
  gauge('clusterer_webhook_waiting', 'Events that wait for a webhook', ({ waiting }) => waiting);
  gauge(
    'clusterer_webhook_delay_seconds',
    'Age of the oldest event that waits for a webhook',
    ({ delayMs }) => delayMs / 1000,
  );
  gauge(
    'clusterer_webhook_disabled',
    '1 after the receiver answered 410 Gone, until the next start',
    ({ isDisabled }) => Number(isDisabled),
  );
}
