import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { checkFrame } from '../documents/socket-document.js';
import { type PacketFrame, readPacketFrame } from './packet-frame.js';
import { PendingRequests } from './pending-requests.js';

export interface SocketNotification {
  readonly method: string;
  // Tests read them field by field.
  readonly params: Record<string, unknown>;
}

/** An error in an answer of the service. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data:
      | { readonly code?: string; readonly detail?: string; readonly errors?: { pointer: string }[] }
      | undefined,
  ) {
    super(message);
  }
}

/** A test client for the socket. It checks every text frame against docs/asyncapi.yaml. */
export class SocketClient {
  /** Every frame received, in order. */
  readonly frames: unknown[] = [];
  readonly notifications: SocketNotification[] = [];
  /** The binary ones of these. */
  readonly packetFrames: PacketFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private readonly waiting = new Set<() => void>();
  private readonly requests = new PendingRequests();
  private lastId = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    const send: (...message: never[]) => void = socket.send.bind(socket);
    socket.send = (...message: unknown[]) => {
      this.requests.sent(message[0]);
      send(...(message as never[]));
    };
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** Rejects with `Unexpected server response: <status>` if the upgrade is refused. */
  static async open(
    url: string,
    protocols: string[] = ['clusterer.v1'],
    headers: Record<string, string> = {},
    options: ClientOptions = {},
  ): Promise<SocketClient> {
    const socket = new WebSocket(url, protocols, { ...options, headers });
    const client = new SocketClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Calls a method. Rejects with `RpcError`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers field by field
  call(method: string, params?: object): Promise<any> {
    const id = ++this.lastId;
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params && { params }) }));
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  /** Resolves with what `find` finds in the frames received so far. */
  async until<T>(find: (client: SocketClient) => T | undefined | false): Promise<T> {
    for (;;) {
      const found = find(this);
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Resolves with the first notifications of this method, once there are that many. */
  async first(method: string, count = 1): Promise<SocketNotification['params'][]> {
    return this.until(() => {
      const found = this.notifications.filter((one) => one.method === method).map((one) => one.params);
      return found.length >= count && found.slice(0, count);
    });
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }

  /** The notifications of a registration, in order, as name and `seq`; those of a binary frame one by one. */
  received({ registration, number }: { readonly registration: string; readonly number: number }): [string, number][] {
    return this.frames.flatMap((frame) => {
      const { packets, seq, method, params, ...one } = frame as PacketFrame & SocketNotification;
      if (packets !== undefined)
        return one.number === number ? packets.map((_, i) => ['packet', seq + i] as const) : [];
      return params?.registration === registration ? [[method, Number(params.seq)] as const] : [];
    }) as [string, number][];
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (isBinary) this.receivePackets(readPacketFrame(data));
    else this.receiveText(JSON.parse(String(data)));
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  private receivePackets(frame: PacketFrame): void {
    this.frames.push(frame);
    this.packetFrames.push(frame);
  }

  private receiveText(frame: Record<string, unknown>): void {
    checkFrame(frame, (id) => this.requests.take(id));
    this.frames.push(frame);
    if (typeof frame.method === 'string') this.notifications.push(frame as unknown as SocketNotification);
    else this.settle(frame);
  }

  private settle({ id, result, error }: Record<string, unknown>): void {
    const call = this.pending.get(Number(id));
    if (call === undefined) return;
    this.pending.delete(Number(id));
    const failed = error as { code: number; message: string; data?: RpcError['data'] } | undefined;
    if (failed) call.reject(new RpcError(failed.code, failed.message, failed.data));
    else call.resolve(result);
  }
}
