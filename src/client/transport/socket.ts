import type { Endpoint } from './endpoint.js';

/** How a connection ended, or why there was none. */
export interface Loss {
  /** The close code; 1006 for a connection that ended without one. */
  readonly code: number;
  /** May be empty. */
  readonly reason: string;
  /** Node's code of the error, if there is one. */
  readonly errorCode?: string;
  /** The HTTP status of a refused upgrade, if it is known. */
  readonly status?: number;
  /** The body of that response. */
  readonly body?: string;
}

export interface SocketEvents {
  /** A text, or a whole binary message. */
  message(data: string | Uint8Array): void;
  /** Called once, as the last event, even when the socket never opened. */
  closed(loss: Loss): void;
}

/** The part of a WebSocket that the client needs. */
export interface Socket {
  send(text: string): void;
  /** Closes with 1000, which ends registrations. */
  close(): void;
  /** Drops the connection, so that registrations can be resumed. */
  abandon(): void;
  /** Stops and resumes reading. A browser cannot. */
  pause?(): void;
  resume?(): void;
}

/** Opens a socket. */
export type Dial = (endpoint: Endpoint, events: SocketEvents) => Socket;
