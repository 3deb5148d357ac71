import type { Clock } from '../ground/ports.js';
import { withTimeout } from '../ground/with-timeout.js';
import type { Readiness, ReadyAnswer } from '../schemas/cluster.js';
import type { ClusterService } from './cluster-service.js';
import type { MachineStore } from './ports/machine-store.js';
import type { Replica } from './replicas/port.js';

/** How long the result of a query is reused: many probes must not become many queries. */
const REUSE_MS = 1_000;

/** After this time the database counts as unavailable. Probes wait 1 s and more. */
const PING_WAIT_MS = 500;

/** Whether the service is ready. It queries the database only for a probe. */
export class Ready {
  private stopping = false;
  private lastPing: { readonly at: number; readonly reachable: Promise<boolean> } | null = null;

  constructor(
    private readonly service: ClusterService,
    private readonly store: MachineStore,
    private readonly clock: Clock,
    private readonly replica: Pick<Replica, 'awayMs'> | null = null,
    /** What is in memory only, without a table. */
    private readonly inMemory: NonNullable<ReadyAnswer['in_memory']> = [],
  ) {}

  stop(): void {
    this.stopping = true;
  }

  async answer(): Promise<ReadyAnswer> {
    const status = await this.status();
    return { status, ...(this.inMemory.length > 0 && { in_memory: this.inMemory }) };
  }

  private async status(): Promise<Readiness> {
    if (this.stopping) return 'stopping';
    if (!this.service.loader.loaded) return 'starting';
    if (this.replica !== null && this.replica.awayMs !== null) return 'log_unavailable';
    const reachable = await this.databaseReachable();
    if (this.stopping) return 'stopping';
    return reachable ? 'ready' : 'degraded';
  }

  private databaseReachable(): Promise<boolean> {
    const at = this.clock.now().monotonicMs;
    if (this.lastPing !== null && at - this.lastPing.at < REUSE_MS) return this.lastPing.reachable;
    const ping = this.store.ping().then(
      () => true,
      () => false,
    );
    const reachable = withTimeout(this.clock, PING_WAIT_MS, ping).then((inTime) => inTime ?? false);
    this.lastPing = { at, reachable };
    return reachable;
  }
}
