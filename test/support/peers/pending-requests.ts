import { parseJson } from '../../../src/rpc/json-text.js';

type Request = Readonly<Record<string, unknown>>;

/** The requests of one socket that have no response yet, by id. Several may have the same id. */
export class PendingRequests {
  private readonly requests = new Map<unknown, Request[]>();

  /** Adds the requests of a sent text; none when it is not JSON. */
  sent(text: unknown): void {
    const message = typeof text === 'string' ? parseJson(text) : undefined;
    for (const request of Array.isArray(message) ? message : [message]) {
      if (Object(request).id === undefined) continue;
      this.requests.set(request.id, [...(this.requests.get(request.id) ?? []), request]);
    }
  }

  /** Removes and returns the request that a response with this id belongs to. */
  take(id: unknown): Request | undefined {
    return this.requests.get(id)?.shift();
  }
}
