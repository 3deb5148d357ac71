import type { EngineLoop } from './engine-loop.js';
import type { Clock, Log, Resolver } from './ports.js';

/** How often a host is looked up again while it cannot be resolved (contract, section 7). */
const RETRY_MS = 30_000;

/** How long a load waits for names; what takes longer arrives later, as a change of that one machine. */
const LOAD_WAIT_MS = 1_000;

/** Keeps the machines' addresses resolved. */
export class Addresses {
  /** Hosts whose failure is in the log already; said again only after they could be resolved. */
  private readonly said = new Set<string>();
  private cancelRetry: (() => void) | null = null;
  private stopped = false;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly resolver: Resolver; readonly clock: Clock; readonly log: Log },
  ) {}

  /** Fills in `ip` for machines that are about to be loaded: null where the host cannot be resolved, or not soon enough. */
  async resolveAll<M extends { readonly host: string }>(
    machines: readonly M[],
  ): Promise<(M & { ip: string | null })[]> {
    const found = new Map<string, string | null>();
    const hosts = [...new Set(machines.map((machine) => machine.host))];
    const lookups = hosts.map(async (host) => {
      const ip = await this.ports.resolver.resolve(host);
      found.set(host, ip);
      if (ip !== null) this.said.delete(host);
    });
    await this.atMost(LOAD_WAIT_MS, Promise.all(lookups));
    return machines.map((machine) => ({ ...machine, ip: found.get(machine.host) ?? null }));
  }

  /** Looks at the machines without an address, says which they are, and comes back to them until they have one. */
  followUnresolved(): void {
    const unresolved = this.unresolved();
    if (unresolved.length === 0 || this.cancelRetry !== null || this.stopped) return;
    for (const { clusterId, machineId, host } of unresolved) {
      if (this.said.has(host)) continue;
      this.said.add(host);
      const fields = { cluster_id: clusterId, machine_id: machineId, host };
      this.ports.log.warn(fields, 'the host of this machine cannot be resolved; it has no address until it can');
    }
    this.cancelRetry = this.ports.clock.after(RETRY_MS, () => {
      void this.retry();
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancelRetry?.();
  }

  private async retry(): Promise<void> {
    for (const { clusterId, machineId, host, ip } of await this.resolveAll(this.unresolved())) {
      this.loop.apply({ type: 'address_resolved', clusterId, machineId, host, ip });
    }
    this.cancelRetry = null;
    this.followUnresolved();
  }

  private unresolved() {
    const cells = this.loop.engine.table.clusters.flatMap((cluster) => cluster.machines);
    return cells.filter((cell) => cell.machine.ip === null).map((cell) => cell.machine);
  }

  private async atMost(ms: number, work: Promise<unknown>): Promise<void> {
    let cancel = () => {};
    const limit = new Promise<void>((resolve) => {
      cancel = this.ports.clock.after(ms, resolve);
    });
    await Promise.race([work, limit]);
    cancel();
  }
}
