import { Client } from './client.js';
import { Link } from './link.js';
import { endpointOf, type Subprotocol } from './transport/endpoint.js';
import type { Dial } from './transport/socket.js';

export interface ConnectOptions {
  /** An access token; none or an empty one where the service has no tokens. */
  readonly token?: string | undefined;
  /** `clusterer.v1` unless named; `clusterer.v1.bin` is faster. */
  readonly subprotocol?: Subprotocol;
  /** Whether the first connection, like every later one, is tried for until the service is there. False unless named. */
  readonly waitForService?: boolean;
  /**
   * Hears what nobody awaits: a handler that failed, and a registration or watch that the service does not go on with. Without it
   * these errors are thrown where nobody catches them, which ends a process of Node.
   */
  onError?(error: unknown): void;
  /** There is a connection, or no longer. */
  onConnection?(connected: boolean): void;
}

/** Makes `connect` for sockets of this kind. */
export function connectBy(dial: Dial): (url: string, options?: ConnectOptions) => Promise<Client> {
  return async (url, options = {}) => {
    const { token, subprotocol = 'clusterer.v1', waitForService = false } = options;
    const link = new Link(dial, endpointOf(url, token, subprotocol), {
      waitForService,
      onError: (error) => (options.onError ?? throwIt)(error),
      onConnection: (connected) => options.onConnection?.(connected),
    });
    await link.open();
    return new Client(link);
  };
}

function throwIt(error: unknown): never {
  throw error;
}
