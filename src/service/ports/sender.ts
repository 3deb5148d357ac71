import type { Resolution } from './resolver.js';

/** Why the kernel did not get a packet. `layout`: it was not tried, because the payload does not suit the machine. */
export type SendError = 'refused' | 'timeout' | 'reset' | 'unresolved' | 'queue_full' | 'address_unusable' | 'layout';

/** Where a packet goes. The sender reports the outcome with the same `attempt`. */
export interface SendTarget {
  readonly clusterId: number;
  readonly machineId: number;
  /** `bin`, or `bins` for TLS. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** The known address of the host; null if there is none. */
  readonly ip: string | null;
  readonly attempt: number;
}

/** Sends packets: one persistent connection for each machine. */
export interface Sender {
  /**
   * Calls `done` exactly once, after it returns: with null if the kernel took the whole frame, otherwise with the error.
   * @param isUrgent write before the next socket is read: for replies that a machine waits for, and that it asks for again if they get lost
   */
  send(target: SendTarget, frame: Buffer, done: (error: SendError | null) => void, isUrgent?: boolean): void;
  /** Closes the connection of a machine. Waiting frames fail with `reset`, and no attempt is reported. */
  disconnect(clusterId: number, machineId: number): void;
  /** Finishes writes in progress (at most for the write timeout), then closes everything. */
  close(): Promise<void>;
}

/** Answers on connections that others opened. */
export interface Replies {
  /** Does nothing if the connection is closed, or takes no more. */
  reply(connection: number, frame: Buffer): void;
}

/** What the sender reports. */
export interface SenderEvents {
  /** One failed attempt, however many frames waited for it. */
  failed(clusterId: number, machineId: number, attempt: number): void;
  succeeded(clusterId: number, machineId: number, attempt: number): void;
  /** The host was resolved before connecting. Not called for IP addresses. */
  resolved(clusterId: number, machineId: number, host: string, found: Resolution): void;
}
