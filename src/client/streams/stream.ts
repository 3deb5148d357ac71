import { deferred } from '../deferred.js';
import type { ClientError } from '../error.js';
import type { Session } from '../session.js';
import { HandlerQueue } from './handler-queue.js';

/** Who keeps streams going. */
export interface StreamOwner {
  handlerFailed(error: unknown): void;
  /** `full` of one of them has changed. */
  filled(): void;
  /** The service does not go on with it. */
  refused(stream: Stream, error: ClientError): void;
}

/**
 * What outlives a connection: a registration or a watch. It is asked for on every connection anew, and also when
 * more came than may wait for its handlers: what was passed over then comes again.
 */
export abstract class Stream {
  protected readonly queue: HandlerQueue;
  private state: 'asking' | 'live' | 'behind' | 'over' = 'asking';
  /** The connection it was last asked for on. */
  protected session: Session | null = null;
  private readonly first = deferred();
  private hasStarted = false;

  constructor(private readonly owner: StreamOwner) {
    this.queue = new HandlerQueue({
      failed: (error) => owner.handlerFailed(error),
      filled: () => this.filled(),
    });
  }

  /** Resolves with the first answer; rejects when there is none. */
  get started(): Promise<void> {
    return this.first.promise;
  }

  /** Whether so much waits for its handlers that nothing more should be read. */
  get full(): boolean {
    return this.queue.full;
  }

  /** Asks for it on this connection. What comes for it before the answer is passed over: the answer begins behind what was taken. */
  start(session: Session): void {
    if (this.state === 'over') return;
    this.session = session;
    this.state = 'asking';
    this.ask(session);
  }

  /** No further handler is called; resolves when the one that runs has ended. */
  stop(): Promise<void> {
    this.state = 'over';
    return this.queue.stop();
  }

  /** Makes the request, and then calls `answered` or `failed`. */
  protected abstract ask(session: Session): void;

  protected get over(): boolean {
    return this.state === 'over';
  }

  protected get live(): boolean {
    return this.state === 'live';
  }

  protected answered(): void {
    this.state = 'live';
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.first.resolve();
    // Handlers may use what the caller is only about to be given.
    setTimeout(() => this.queue.open());
  }

  protected failed(error: ClientError): void {
    if (!this.hasStarted) {
      this.state = 'over';
      this.first.reject(error);
    } else if (error.code !== 'connection_lost' && !this.over) {
      this.state = 'over';
      this.owner.refused(this, error);
    }
  }

  /** False when no more may wait; it is then asked for again when there is room. */
  protected take(bytes: number, run: () => unknown): boolean {
    if (this.queue.overfull) {
      this.fallBehind();
      return false;
    }
    this.queue.push(bytes, run);
    return true;
  }

  /** Something is missing: asks again, as soon as there is room for it. */
  protected fallBehind(): void {
    this.state = 'behind';
    if (!this.queue.full && this.session !== null) this.start(this.session);
  }

  private filled(): void {
    if (this.state === 'behind') this.fallBehind();
    this.owner.filled();
  }
}
