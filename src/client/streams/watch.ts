import { closedError } from '../error.js';
import type { ChangeEvent, WatchHandlers } from '../events.js';
import type { Session } from '../session.js';
import { Stream, type StreamOwner } from './stream.js';

/** A watch that survives lost connections, with a new snapshot after each. */
export class ChangeWatch extends Stream {
  private seq = 0;

  constructor(
    /** Undefined: all clusters. */
    readonly clusterId: number | undefined,
    private readonly handlers: WatchHandlers,
    owner: StreamOwner,
  ) {
    super(owner);
  }

  /** Gets the changes for every watch of the connection, including duplicates from overlapping watches. */
  changed(change: ChangeEvent, bytes: number): void {
    const { seq } = change.params;
    if (!this.live || seq <= this.seq || !this.matches(change)) return;
    if (this.enqueue(bytes, () => this.handlers.change?.(change))) this.seq = seq;
  }

  protected request(session: Session): void {
    session.call(
      'watch',
      this.clusterId === undefined ? {} : { cluster_id: this.clusterId },
      (snapshot, bytes) => {
        if (this.hasEnded) {
          this.failed(closedError());
          return;
        }
        this.queue.push(bytes, () => this.handlers.snapshot?.(snapshot));
        this.seq = snapshot.seq;
        this.answered();
      },
      (error) => this.failed(error),
    );
  }

  private matches({ method, params }: ChangeEvent): boolean {
    if (this.clusterId === undefined || method === 'nodes_reloaded') return true;
    if ('machine' in params) return params.machine.cluster_id === this.clusterId;
    // 0: a module that is registered for any cluster.
    return params.cluster_id === this.clusterId || params.cluster_id === 0;
  }
}
