import type { Snapshot } from '../schemas/changes.js';
import type { ClusterService } from '../service/cluster-service.js';
import type { ChangeLog } from '../service/events/change-log.js';
import { notificationOf } from './notifications.js';

interface Watch {
  readonly stop: () => void;
  /** Changes that came before the snapshot was sent; null from then on. */
  held: string[] | null;
}

/** What one socket watches: at most one stream for each cluster, and one for all (null). */
export class Watches {
  private readonly byCluster = new Map<number | null, Watch>();

  constructor(
    private readonly service: ClusterService,
    private readonly send: (text: string) => void,
  ) {}

  /** Starts the stream anew; it flows once the snapshot has been `announced`. */
  start(clusterId: number | null): Snapshot {
    this.stop(clusterId);
    const changes: ChangeLog = this.service.changes;
    const stop = changes.watch(clusterId, ({ method, json }) => {
      const text = notificationOf(method, json);
      if (watch.held === null) this.send(text);
      else watch.held.push(text);
    });
    const watch: Watch = { stop, held: [] };
    this.byCluster.set(clusterId, watch);
    return this.service.queries.snapshot(clusterId);
  }

  /** The client has been sent the snapshot. */
  announced(clusterId: number | null): void {
    const watch = this.byCluster.get(clusterId);
    const held = watch?.held ?? [];
    if (watch !== undefined) watch.held = null;
    for (const text of held) this.send(text);
  }

  stop(clusterId: number | null): void {
    this.byCluster.get(clusterId)?.stop();
    this.byCluster.delete(clusterId);
  }

  stopAll(): void {
    for (const clusterId of [...this.byCluster.keys()]) this.stop(clusterId);
  }
}
