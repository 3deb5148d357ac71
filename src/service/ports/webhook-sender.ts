/** The response to a webhook, or why there is none: a code or a few words. */
export type WebhookResponse =
  | { readonly status: number; readonly retryAfter: string | null }
  | { readonly error: string };

/** Makes the requests of webhooks. */
export interface WebhookSender {
  /** Resolves when the head of the response is there, or the signal ends the request. Never rejects. */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<WebhookResponse>;
}
