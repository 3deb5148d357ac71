import type { Clock } from '../ground/ports.js';
import { atMost } from '../ground/with-timeout.js';
import type { Readiness, ReadyAnswer } from '../schemas/cluster.js';
import type { ClusterService } from './cluster-service.js';
import type { MachineStore } from './ports.js';

/** How long a result of the database check is reused: many probes must not become many queries. */
const FRESH_MS = 1_000;

/** Timeout of the database check, well below that of probes, which is at least 1 s. */
const PATIENCE_MS = 500;

/** Readiness of the service. Checks the database only on request. */
export class Ready {
  private stopping = false;
  private asked: { readonly at: number; readonly answer: Promise<boolean> } | null = null;

  constructor(
    private readonly service: ClusterService,
    private readonly store: MachineStore,
    private readonly clock: Clock,
    /** What is kept in memory because its table is missing. */
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
    if (!this.service.reloading.loaded) return 'starting';
    const reachable = await this.databaseReachable();
    if (this.stopping) return 'stopping';
    return reachable ? 'ready' : 'degraded';
  }

  private databaseReachable(): Promise<boolean> {
    const at = this.clock.now().monotonicMs;
    if (this.asked !== null && at - this.asked.at < FRESH_MS) return this.asked.answer;
    const reached = this.store.ping().then(
      () => true,
      () => false,
    );
    const answer = atMost(this.clock, PATIENCE_MS, reached).then((inTime) => inTime ?? false);
    this.asked = { at, answer };
    return answer;
  }
}
