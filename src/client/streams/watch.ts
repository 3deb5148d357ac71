import { closedError } from '../error.js';
import type { ChangeEvent, WatchHandlers } from '../events.js';
import type { Session } from '../session.js';
import { Stream, type StreamOwner } from './stream.js';

/** A watch that goes on over lost connections, with a fresh snapshot after each. */
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

  /** All that this connection's watches are told comes here, some of it once for each of them. */
  changed(change: ChangeEvent, bytes: number): void {
    const { seq } = change.params;
    if (!this.live || seq <= this.seq || !this.concerns(change)) return;
    if (this.take(bytes, () => this.handlers.change?.(change))) this.seq = seq;
  }

  protected ask(session: Session): void {
    session.call(
      'watch',
      this.clusterId === undefined ? {} : { cluster_id: this.clusterId },
      (snapshot, bytes) => {
        if (this.over) {
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

  private concerns({ method, params }: ChangeEvent): boolean {
    if (this.clusterId === undefined || method === 'nodes_reloaded') return true;
    if ('machine' in params) return params.machine.cluster_id === this.clusterId;
    // A module may be registered for any cluster: 0.
    return params.cluster_id === this.clusterId || params.cluster_id === 0;
  }
}
