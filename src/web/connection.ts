import type { Change, Snapshot } from './messages.js';

/** How the page is connected; `retryAt` in unix milliseconds. */
export type LinkState =
  | { readonly name: 'connecting' | 'live' }
  | { readonly name: 'waiting'; readonly retryAt: number };

export interface Listener {
  state(state: LinkState): void;
  began(snapshot: Snapshot): void;
  changed(change: Change): void;
  /** The token is not, or no longer, known. */
  unauthorized(): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Watches all clusters over a socket, and comes back whenever it is lost. */
export class Connection {
  private socket: WebSocket | null = null;
  private tries = 0;
  private timer = 0;

  constructor(
    private readonly token: () => string | null,
    private readonly listener: Listener,
  ) {}

  open(): void {
    this.close();
    this.listener.state({ name: 'connecting' });
    const url = new URL('ws', document.baseURI);
    url.protocol = url.protocol.replace('http', 'ws');
    const token = this.token();
    const socket = new WebSocket(url, ['clusterer.v1', ...(token === null ? [] : [`bearer.${base64url(token)}`])]);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'watch', params: {} }));
    socket.onmessage = ({ data }) => {
      const { id, result, method, params } = JSON.parse(String(data));
      if (id === 1) {
        this.tries = 0;
        this.listener.state({ name: 'live' });
        this.listener.began(result);
      } else if (method !== 'welcome' && method !== 'going_away') this.listener.changed({ method, params });
    };
    socket.onclose = ({ code }) => {
      if (code === 4500) return this.listener.unauthorized();
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries++) * (0.5 + Math.random() / 2);
      this.listener.state({ name: 'waiting', retryAt: Date.now() + wait });
      this.timer = window.setTimeout(() => this.open(), wait);
    };
  }

  close(): void {
    clearTimeout(this.timer);
    if (this.socket !== null) this.socket.onclose = null;
    this.socket?.close(1000);
    this.socket = null;
  }
}

function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
