import { ClientError, connect } from '../../client/browser.js';
import { byId, setText } from '../dom/element.js';
import { type Api, ApiError } from './api.js';

/** A request without effects. Unlike a GET it carries the `Origin` header, as a WebSocket handshake does. */
const PROBE = { jsonrpc: '2.0', id: 1, method: 'which', params: {} };

/**
 * Finds out why no WebSocket opens although the service responds; browsers do not say why. The usual cause is a proxy that does not
 * forward the headers that the service needs. The service explains this for ordinary requests with the same headers.
 */
export class LiveCheck {
  private readonly hint = byId('hint', HTMLElement);
  private running = false;
  private connectionOpen = false;

  constructor(private readonly api: Api) {}

  /** The connection was opened or lost. */
  connected(connected: boolean): void {
    this.connectionOpen = connected;
    if (connected) this.hint.hidden = true;
  }

  /** Called when the service responds while the connection is down. */
  async run(token: string | null): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      const refusal = await this.refusal(token);
      // A missing token and an unreachable service are shown elsewhere.
      const relevant = refusal !== null && refusal.status !== 0 && refusal.status !== 401 && !this.connectionOpen;
      setText(byId('hint-why', HTMLElement), relevant ? refusal.message : '');
      this.hint.hidden = !relevant;
    } finally {
      this.running = false;
    }
  }

  /** Returns null when a WebSocket opens. */
  private async refusal(token: string | null): Promise<ApiError | null> {
    const originRefusal = await this.refusalOf('POST', 'mi', PROBE);
    if (originRefusal !== null || (await opens(token))) return originRefusal;
    return this.refusalOf('GET', 'ws');
  }

  private async refusalOf(method: string, path: string, body?: object): Promise<ApiError | null> {
    try {
      await this.api.request(method, path, body);
      return null;
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
  }
}

/** Whether a WebSocket reaches the service; a refusal by the service counts. */
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
