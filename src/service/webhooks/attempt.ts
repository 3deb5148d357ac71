import type { Clock } from '../../ground/ports.js';
import type { WebhookSecrets } from '../../security/webhook-secrets.js';
import type { WebhookSender } from '../ports/webhook-sender.js';
import type { Delivery } from '../ports/webhook-store.js';
import { retryAfterMs } from './retry.js';

/** How long a receiver may take to respond. */
const TIMEOUT_MS = 10_000;

/** What came of one request. `pauseMs`: how long the receiver wants to be left alone. */
export type Outcome =
  | { readonly result: 'delivered' }
  | { readonly result: 'gone' | 'failed'; readonly error: string; readonly pauseMs: number | null };

/** Where a webhook's requests go. */
export interface Receiver {
  readonly url: string;
  readonly secrets: WebhookSecrets;
}

/** Makes one signed request (Standard Webhooks). @param abort ends it early; the outcome then means nothing */
export async function attempt(
  { url, secrets }: Receiver,
  { id, body }: Delivery,
  { clock, sender }: { readonly clock: Clock; readonly sender: WebhookSender },
  abort: AbortController,
): Promise<Outcome> {
  const timestamp = Math.floor(clock.now().unixMs / 1000);
  const messageId = `evt_${id}`;
  const headers = {
    'content-type': 'application/json',
    'webhook-id': messageId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.sign(messageId, timestamp, body),
  };
  const cancel = clock.after(TIMEOUT_MS, () => abort.abort());
  const response = await sender.post(url, headers, body, abort.signal);
  cancel();
  if (abort.signal.aborted) return { result: 'failed', error: 'timeout', pauseMs: null };
  if ('error' in response) return { result: 'failed', error: response.error, pauseMs: null };
  const { status, retryAfter } = response;
  if (status >= 200 && status < 300) return { result: 'delivered' };
  const error = `HTTP ${status}`;
  if (status === 410) return { result: 'gone', error, pauseMs: null };
  const pauses = status === 429 || status === 503;
  return { result: 'failed', error, pauseMs: pauses ? retryAfterMs(retryAfter, clock.now().unixMs) : null };
}
