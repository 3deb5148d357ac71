import type { ClusterService } from '../service/cluster-service.js';
import type { Ready } from '../service/ready.js';

interface Closable {
  close(): PromiseLike<unknown>;
}

interface Parts {
  readonly ready: Ready;
  readonly routes: Closable;
  readonly listeners: Closable;
  readonly sender: Closable;
  readonly service: ClusterService;
  readonly store: Closable;
  readonly replica: { stop(): Promise<void> } | null;
}

/**
 * First the service leaves its fleets and the BIN listeners close, then calls in progress end and get their responses (`/readyz` says stopping), then sockets
 * and HTTP close, and at last all changes are written. A replica sends as long as it leads.
 */
export async function stopInOrder({ ready, routes, listeners, sender, service, store, replica }: Parts): Promise<void> {
  ready.stop();
  // Other replicas stay members.
  if (replica === null) await service.endFleets();
  await listeners.close();
  if (replica === null) await sender.close();
  await service.provisioner.settled();
  await routes.close();
  try {
    await service.stop();
  } finally {
    if (replica !== null) {
      await replica.stop();
      await sender.close();
    }
    await store.close();
  }
}
