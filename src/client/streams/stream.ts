import { deferred } from '../deferred.js';
import type { ClientError } from '../error.js';
import type { Session } from '../session.js';
import { HandlerQueue } from './handler-queue.js';

/** What a stream reports to. */
export interface StreamOwner {
  handlerFailed(error: unknown): void;
  /** `full` of a stream has changed. */
  fullChanged(): void;
  /** The service refuses to continue the stream. */
  refused(stream: Stream, error: ClientError): void;
}

/**
 * A registration or a watch, which survives lost connections. It makes its request again after every reconnect, and after more events
 * than may wait for its handlers: the service then repeats those that were skipped.
 */
export abstract class Stream {
  protected readonly queue: HandlerQueue;
  private state: 'starting' | 'live' | 'lagging' | 'ended' = 'starting';
  /** The connection of the last request. */
  protected session: Session | null = null;
  private readonly first = deferred();
  private hasStarted = false;

  constructor(private readonly owner: StreamOwner) {
    this.queue = new HandlerQueue({
      failed: (error) => owner.handlerFailed(error),
      fullChanged: () => this.fullChanged(),
    });
  }

  /** Resolves with the first answer; rejects when the first request fails. */
  get started(): Promise<void> {
    return this.first.promise;
  }

  /** Whether the client should stop reading until handlers have caught up. */
  get full(): boolean {
    return this.queue.full;
  }

  /** Makes the request on this connection. Events before the answer are ignored: the answer starts after the last one taken. */
  start(session: Session): void {
    if (this.state === 'ended') return;
    this.session = session;
    this.state = 'starting';
    this.request(session);
  }

  /** Calls no further handler. Resolves when the one that runs has ended. */
  stop(): Promise<void> {
    this.state = 'ended';
    return this.queue.stop();
  }

  /** Makes the request, then calls `answered` or `failed`. */
  protected abstract request(session: Session): void;

  protected get hasEnded(): boolean {
    return this.state === 'ended';
  }

  protected get live(): boolean {
    return this.state === 'live';
  }

  protected answered(): void {
    this.state = 'live';
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.first.resolve();
    // Later, because handlers may use the object that the caller is about to get.
    setTimeout(() => this.queue.open());
  }

  protected failed(error: ClientError): void {
    if (!this.hasStarted) {
      this.state = 'ended';
      this.first.reject(error);
    } else if (error.code !== 'connection_lost' && !this.hasEnded) {
      this.state = 'ended';
      this.owner.refused(this, error);
    }
  }

  /** Returns false when the queue takes no more; the stream restarts when there is room. */
  protected enqueue(bytes: number, run: () => unknown): boolean {
    if (this.queue.overfull) {
      this.restart();
      return false;
    }
    this.queue.push(bytes, run);
    return true;
  }

  /** Makes the request again, because events are missing, as soon as there is room. */
  protected restart(): void {
    this.state = 'lagging';
    if (!this.queue.full && this.session !== null) this.start(this.session);
  }

  private fullChanged(): void {
    if (this.state === 'lagging') this.restart();
    this.owner.fullChanged();
  }
}
