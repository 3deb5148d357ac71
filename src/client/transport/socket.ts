import type { Endpoint } from './endpoint.js';

/** How a connection ended, or why there was none. */
export interface Loss {
  /** Close code; 1006 where the connection simply ended. */
  readonly code: number;
  /** What was said about it; may be empty. */
  readonly reason: string;
  /** What Node calls the error that ended it, where it has a name. */
  readonly errorCode?: string;
  /** The HTTP status, where the service refused to open a socket and this side could learn so. */
  readonly status?: number;
  /** The body of that answer. */
  readonly body?: string;
}

export interface SocketEvents {
  /** Text, or a whole binary message. */
  message(data: string | Uint8Array): void;
  /** Once, and the last of all, also when the socket never opened. */
  closed(loss: Loss): void;
}

/** A WebSocket, as much of it as the client needs. */
export interface Socket {
  send(text: string): void;
  /** Says goodbye with 1000. */
  close(): void;
  /** Ends it without a word, so that what it carried can be resumed. */
  abandon(): void;
  /** Stops and goes on reading; a browser cannot. */
  pause?(): void;
  resume?(): void;
}

/** Opens a socket: in Node or in a browser. */
export type Dial = (endpoint: Endpoint, events: SocketEvents) => Socket;
