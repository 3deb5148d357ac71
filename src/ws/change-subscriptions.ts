import type { Snapshot } from '../schemas/changes.js';
import type { ClusterService } from '../service/cluster-service.js';
import { notificationOf } from './notifications.js';

interface Subscription {
  readonly stop: () => void;
  /** Changes that wait until the snapshot has been sent; null afterwards. */
  held: string[] | null;
}

/** The change streams of one socket: at most one for each cluster, and one for all clusters (null). */
export class ChangeSubscriptions {
  private readonly byCluster = new Map<number | null, Subscription>();

  constructor(
    private readonly service: ClusterService,
    private readonly send: (text: string) => void,
  ) {}

  /** Starts or restarts a stream. Changes are sent once the snapshot is `announced`. */
  start(clusterId: number | null): Snapshot {
    this.stop(clusterId);
    const stop = this.service.changes.watch(clusterId, ({ method, json }) => {
      const text = notificationOf(method, json);
      if (subscription.held === null) this.send(text);
      else subscription.held.push(text);
    });
    const subscription: Subscription = { stop, held: [] };
    this.byCluster.set(clusterId, subscription);
    return this.service.queries.snapshot(clusterId);
  }

  /** The snapshot has been sent. */
  announced(clusterId: number | null): void {
    const subscription = this.byCluster.get(clusterId);
    const held = subscription?.held ?? [];
    if (subscription !== undefined) subscription.held = null;
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
