import { ClientError, connect } from '../../client/browser.js';
import { part, setText } from '../dom/element.js';
import { type Api, Refused } from './api.js';

/** Harmless, and unlike a GET it carries the header `Origin`, as the opening of a WebSocket does. */
const ASKED = { jsonrpc: '2.0', id: 1, method: 'which', params: {} };

/**
 * Says why the page cannot go live although the service answers: a browser does not tell why no WebSocket opens. Mostly a proxy in
 * between does not pass on what the service needs, which the service itself says of requests that carry the same.
 */
export class LiveCheck {
  private readonly hint = part('hint', HTMLElement);
  private running = false;
  private away = true;

  constructor(private readonly api: Api) {}

  /** There is a connection, or no longer. */
  connected(connected: boolean): void {
    this.away = !connected;
    if (connected) this.hint.hidden = true;
  }

  /** The service has answered while there is no connection. */
  async look(token: string | null): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      const refusal = await this.refusal(token);
      // Who is asked for a token, or nobody reaches, is told elsewhere.
      const said = refusal !== null && refusal.status !== 0 && refusal.status !== 401 && this.away;
      setText(part('hint-why', HTMLElement), said ? refusal.message : '');
      this.hint.hidden = !said;
    } finally {
      this.running = false;
    }
  }

  /** Null when a WebSocket opens. */
  private async refusal(token: string | null): Promise<Refused | null> {
    const ofOrigin = await this.refusalOf('POST', 'mi', ASKED);
    if (ofOrigin !== null || (await opens(token))) return ofOrigin;
    return this.refusalOf('GET', 'ws');
  }

  private async refusalOf(method: string, path: string, body?: object): Promise<Refused | null> {
    try {
      await this.api.request(method, path, body);
      return null;
    } catch (error) {
      if (error instanceof Refused) return error;
      throw error;
    }
  }
}

/** Whether a WebSocket opens; also where the service itself refuses it, and so can be reached. */
async function opens(token: string | null): Promise<boolean> {
  try {
    const client = await connect(new URL('.', document.baseURI).href, { token: token ?? undefined });
    await client.close();
    return true;
  } catch (error) {
    if (error instanceof ClientError) return error.status !== null;
    throw error;
  }
}
