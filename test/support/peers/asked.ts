import { parseJson } from '../../../src/rpc/json-text.js';

type Request = Readonly<Record<string, unknown>>;

/** Requests that one socket sent and that are not answered yet, by id; the same id may be asked again. */
export class Asked {
  private readonly requests = new Map<unknown, Request[]>();

  /** Those of a text that are to be answered; none in what is no JSON. */
  sent(text: unknown): void {
    const message = typeof text === 'string' ? parseJson(text) : undefined;
    for (const request of Array.isArray(message) ? message : [message]) {
      if (Object(request).id === undefined) continue;
      this.requests.set(request.id, [...(this.requests.get(request.id) ?? []), request]);
    }
  }

  /** The request that an answer with this id belongs to. */
  take(id: unknown): Request | undefined {
    return this.requests.get(id)?.shift();
  }
}
