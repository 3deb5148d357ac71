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

/** A connection that lasted this long was a good one: the next one is tried for soon. */
const STEADY_MS = 5_000;

/** How long the service may take to answer a goodbye, in milliseconds. */
const GOODBYE_MS = 2_000;

export interface LinkOptions {
  readonly waitForService: boolean;
  onError(error: unknown): void;
  onConnection(connected: boolean): void;
}

/** Keeps one connection to the service: makes it anew when it is lost, and starts all streams on it again. */
export class Link implements StreamOwner {
  private readonly streams = new Set<Stream>();
  private session: Session | null = null;
  private welcomedAt: number | null = null;
  private failures = 0;
  private comeBackAfterMs: number | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private state: 'going' | 'closing' | 'over' = 'going';
  private opening: Deferred | null = null;
  private readonly closing = deferred();
  private onGoodbye: (() => void) | null = null;

  constructor(
    private readonly dial: Dial,
    private readonly endpoint: Endpoint,
    private readonly options: LinkOptions,
  ) {}

  /** Resolves with the first connection. @throws ClientError when there is none */
  open(): Promise<void> {
    this.opening = deferred();
    this.connect();
    return this.opening.promise;
  }

  /** Resolves when `close` is done; rejects when the service has turned this client away for good. */
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

  /** Starts a stream, now and on every later connection. @throws ClientError when it does not start now */
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

  /** None of its handlers is called any more. */
  remove(stream: Stream): void {
    this.streams.delete(stream);
    void stream.stop();
    this.filled();
  }

  /** Whether any other than this one watches the same. */
  watches(clusterId: number | undefined): boolean {
    return [...this.streams].some((stream) => stream instanceof ChangeWatch && stream.clusterId === clusterId);
  }

  /** Lets the handlers that run come to their end, and says goodbye. */
  close(): Promise<void> {
    if (this.state === 'going') {
      this.state = 'closing';
      void this.end().then(this.closing.resolve);
    }
    // Not its rejection, which is told to whoever asks for it.
    return this.closed.catch(() => {});
  }

  handlerFailed(error: unknown): void {
    // On its own: what it throws stops nothing here, and is uncaught.
    queueMicrotask(() => this.options.onError(error));
  }

  refused(stream: Stream, error: ClientError): void {
    this.streams.delete(stream);
    this.handlerFailed(error);
  }

  filled(): void {
    if (this.session !== null) this.session.behind = [...this.streams].some(({ full }) => full);
  }

  private get connected(): Session {
    if (this.state === 'over') throw closedError();
    if (this.session === null || this.session.welcome === null) {
      throw new ClientError('not_connected', 'There is no connection at the moment; it is being made again.');
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
        this.comeBackAfterMs = reconnectAfterMs;
      },
      ended: (loss) => this.lost(loss),
    });
  }

  private welcomed(): void {
    this.welcomedAt = performance.now();
    const { session } = this;
    if (session === null) return;
    for (const stream of this.streams) stream.start(session);
    this.filled();
    this.opening?.resolve();
    this.opening = null;
    this.tellConnection(true);
  }

  private lost(loss: Loss): void {
    this.session = null;
    if (this.welcomedAt !== null) this.tellConnection(false);
    if (this.welcomedAt !== null && performance.now() - this.welcomedAt >= STEADY_MS) this.failures = 0;
    this.welcomedAt = null;
    if (this.state === 'closing') {
      this.onGoodbye?.();
      return;
    }
    const final = finalError(loss);
    if (this.opening !== null && (final !== null || !this.options.waitForService)) {
      this.state = 'over';
      this.opening.reject(final ?? connectError(loss, this.endpoint.url));
    } else if (final !== null) {
      this.state = 'over';
      this.closing.reject(final);
    } else {
      this.retry = setTimeout(() => this.connect(), this.comeBackAfterMs ?? backOffMs(this.failures, Math.random()));
      this.failures++;
      this.comeBackAfterMs = null;
    }
  }

  private async end(): Promise<void> {
    clearTimeout(this.retry);
    await Promise.all([...this.streams].map((stream) => stream.stop()));
    const { session } = this;
    if (session !== null) {
      const late = setTimeout(() => session.abandon('no goodbye in time'), GOODBYE_MS);
      await new Promise<void>((resolve) => {
        this.onGoodbye = resolve;
        session.close();
      });
      clearTimeout(late);
    }
    this.state = 'over';
  }

  private tellConnection(connected: boolean): void {
    queueMicrotask(() => this.options.onConnection(connected));
  }
}
