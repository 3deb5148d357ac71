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
export async function stopInOrder(parts: Parts): Promise<void> {
  const { ready, routes, listeners, sender, service, store, replica } = parts;
  ready.stop();
  const isAlone = replica === null;
  await all([
    // Other replicas stay members.
    () => isAlone && service.endFleets(),
    () => listeners.close(),
    () => isAlone && sender.close(),
    () => service.provisioner.settled(),
    () => routes.close(),
    () => service.stop(),
    () => replica?.stop(),
    () => !isAlone && sender.close(),
    () => store.close(),
  ]);
}

/** Takes each step, also after one has failed: what is not written yet must not be lost. @throws the first error */
async function all(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
