import type { SocketAnswers, SocketMethod, SocketParams } from '../schemas/socket.js';
import { type Deferred, deferred } from './deferred.js';
import { ClientError, closedError } from './error.js';
import type { Welcome } from './messages.js';
import { Session } from './session.js';
import type { Stream, StreamOwner } from './streams/stream.js';
import { ChangeWatch } from './streams/watch.js';
import { backOffMs } from './transport/back-off.js';
import type { Endpoint } from './transport/endpoint.js';
import { connectError, finalError } from './transport/loss.js';
import type { Dial, Loss } from './transport/socket.js';

/** A connection that lasted this long resets the back-off. */
const STABLE_MS = 5_000;

/** How long the service may take to answer a close, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface LinkOptions {
  readonly waitForService: boolean;
  onError(error: unknown): void;
  onConnection(connected: boolean): void;
}

/** Keeps one connection to the service: reconnects when it is lost, and then restarts all streams. */
export class Link implements StreamOwner {
  private readonly streams = new Set<Stream>();
  private session: Session | null = null;
  private welcomedAt: number | null = null;
  private failures = 0;
  private reconnectAfterMs: number | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private state: 'open' | 'closing' | 'closed' = 'open';
  private opening: Deferred | null = null;
  private readonly closing = deferred();
  private onClosed: (() => void) | null = null;

  constructor(
    private readonly dial: Dial,
    private readonly endpoint: Endpoint,
    private readonly options: LinkOptions,
  ) {}

  /** Resolves with the first connection. @throws ClientError */
  open(): Promise<void> {
    this.opening = deferred();
    this.connect();
    return this.opening.promise;
  }

  /** Resolves when `close` is done; rejects when the service rejects this client for good. */
  get closed(): Promise<void> {
    return this.closing.promise;
  }

  /** Null while there is no connection. */
  get welcome(): Welcome | null {
    return this.session?.welcome ?? null;
  }

  /** @throws ClientError */
  request<M extends SocketMethod>(method: M, params: SocketParams[M]): Promise<SocketAnswers[M]> {
    return new Promise((resolve, reject) => this.connected.call(method, params, resolve, reject));
  }

  /** Starts a stream, now and after every reconnect. @throws ClientError when it does not start now */
  async add<S extends Stream>(stream: S): Promise<S> {
    const session = this.connected;
    this.streams.add(stream);
    stream.start(session);
    try {
      await stream.started;
    } catch (error) {
      this.streams.delete(stream);
      throw error;
    }
    return stream;
  }

  /** None of its handlers is called after this. */
  remove(stream: Stream): void {
    this.streams.delete(stream);
    void stream.stop();
    this.fullChanged();
  }

  /** Whether a stream watches this cluster. */
  watches(clusterId: number | undefined): boolean {
    return [...this.streams].some((stream) => stream instanceof ChangeWatch && stream.clusterId === clusterId);
  }

  /** Waits for the handlers that run, and closes the connection. */
  close(): Promise<void> {
    if (this.state === 'open') {
      this.state = 'closing';
      void this.end().then(this.closing.resolve);
    }
    // A rejection is for the readers of `closed`.
    return this.closed.catch(() => {});
  }

  handlerFailed(error: unknown): void {
    // In a microtask of its own: what `onError` throws is uncaught and interrupts nothing here.
    queueMicrotask(() => this.options.onError(error));
  }

  refused(stream: Stream, error: ClientError): void {
    this.streams.delete(stream);
    this.handlerFailed(error);
  }

  fullChanged(): void {
    if (this.session !== null) this.session.backlogged = [...this.streams].some(({ full }) => full);
  }

  private get connected(): Session {
    if (this.state === 'closed') throw closedError();
    if (this.session === null || this.session.welcome === null) {
      throw new ClientError('not_connected', 'There is no connection at the moment; the client is reconnecting.');
    }
    return this.session;
  }

  private connect(): void {
    this.session = new Session(this.dial, this.endpoint, {
      welcomed: () => this.welcomed(),
      changed: (change, bytes) => {
        for (const stream of this.streams) if (stream instanceof ChangeWatch) stream.changed(change, bytes);
      },
      goingAway: (reconnectAfterMs) => {
        this.reconnectAfterMs = reconnectAfterMs;
      },
      ended: (loss) => this.lost(loss),
    });
  }

  private welcomed(): void {
    this.welcomedAt = performance.now();
    const { session } = this;
    if (session === null) return;
    for (const stream of this.streams) stream.start(session);
    this.fullChanged();
    this.opening?.resolve();
    this.opening = null;
    this.notifyConnection(true);
  }

  private lost(loss: Loss): void {
    this.session = null;
    if (this.welcomedAt !== null) this.notifyConnection(false);
    if (this.welcomedAt !== null && performance.now() - this.welcomedAt >= STABLE_MS) this.failures = 0;
    this.welcomedAt = null;
    if (this.state === 'closing') {
      this.onClosed?.();
      return;
    }
    const final = finalError(loss);
    if (this.opening !== null && (final !== null || !this.options.waitForService)) {
      this.state = 'closed';
      this.opening.reject(final ?? connectError(loss, this.endpoint.url));
    } else if (final !== null) {
      this.state = 'closed';
      this.closing.reject(final);
    } else {
      this.retry = setTimeout(() => this.connect(), this.reconnectAfterMs ?? backOffMs(this.failures, Math.random()));
      this.failures++;
      this.reconnectAfterMs = null;
    }
  }

  private async end(): Promise<void> {
    clearTimeout(this.retry);
    await Promise.all([...this.streams].map((stream) => stream.stop()));
    const { session } = this;
    if (session !== null) {
      const timeout = setTimeout(() => session.abandon('no answer to the close in time'), CLOSE_TIMEOUT_MS);
      await new Promise<void>((resolve) => {
        this.onClosed = resolve;
        session.close();
      });
      clearTimeout(timeout);
    }
    this.state = 'closed';
  }

  private notifyConnection(connected: boolean): void {
    queueMicrotask(() => this.options.onConnection(connected));
  }
}
