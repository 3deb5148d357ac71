import { Client } from './client.js';
import { Link } from './link.js';
import { endpointOf, type Subprotocol } from './transport/endpoint.js';
import type { Dial } from './transport/socket.js';

export interface ConnectOptions {
  /** An access token; none, or an empty one, for a service without tokens. */
  readonly token?: string | undefined;
  /** Default `clusterer.v1`; `clusterer.v1.bin` is faster. */
  readonly subprotocol?: Subprotocol;
  /** Whether to retry the first connection, too, until the service accepts it. Default false. */
  readonly waitForService?: boolean;
  /**
   * Receives errors that no call can reject with: a handler that failed, and a registration or watch that the service refuses after
   * a reconnect. Without it they are thrown uncaught, which ends a Node process.
   */
  onError?(error: unknown): void;
  /** Called with true after each connect, with false after each loss. */
  onConnection?(connected: boolean): void;
}

/** Returns `connect` for one kind of socket. */
export function connectBy(dial: Dial): (url: string, options?: ConnectOptions) => Promise<Client> {
  return async (url, options = {}) => {
    const { token, subprotocol = 'clusterer.v1', waitForService = false } = options;
    const link = new Link(dial, endpointOf(url, token, subprotocol), {
      waitForService,
      onError: (error) => (options.onError ?? rethrow)(error),
      onConnection: (connected) => options.onConnection?.(connected),
    });
    await link.open();
    return new Client(link);
  };
}

function rethrow(error: unknown): never {
  throw error;
}
