import { type Document, documentOf } from '../documents/openapi-document.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers field by field
  readonly body: any;
  readonly text: string;
}

/** Requests to a service, whose responses are checked against its own OpenAPI document. */
export class CheckedRequests {
  private document: Document | null = null;

  /** @param url where the service is at that moment */
  constructor(private readonly url: () => string) {}

  /** Sends JSON, a string unchanged. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const init: RequestInit = {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    };
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${this.url()}${path}`, init);
    const text = await response.text();
    const contentType = response.headers.get('content-type');
    const parsed = text !== '' && contentType?.includes('json') ? JSON.parse(text) : text;
    this.document ??= documentOf(await (await fetch(`${this.url()}/openapi.json`)).text());
    this.document.check(method, path, response.status, text === '' ? null : contentType, parsed);
    return { status: response.status, headers: response.headers, body: parsed, text };
  }
}
