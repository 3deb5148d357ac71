import { messageOf } from '../ground/message-of.js';
import type { WebhookResponse, WebhookSender } from '../service/ports/webhook-sender.js';

/** Requests with Node's own HTTP client. A redirect is not followed: the receiver is the one that the operator named. */
export class HttpSender implements WebhookSender {
  constructor(private readonly userAgent: string) {}

  async post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<WebhookResponse> {
    try {
      const sent = { ...headers, 'user-agent': this.userAgent };
      const response = await fetch(url, { method: 'POST', headers: sent, body, redirect: 'manual', signal });
      // Its text is of no use, and may be endless.
      await response.body?.cancel();
      return { status: response.status, retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      return { error: reasonOf(error) };
    }
  }
}

/** `fetch` puts the reason into the cause. A code has no part of the URL, which may be secret. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code } = cause as { readonly code?: unknown };
  return typeof code === 'string' ? code : messageOf(cause);
}
