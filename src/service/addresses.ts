import type { Machine } from '../domain/machine.js';
import { canonicalIp } from '../wire/address.js';
import { atMost } from './at-most.js';
import type { EngineLoop } from './engine-loop.js';
import type { Clock, Log, Resolver } from './ports.js';

/** How often a host is looked up again while it cannot be resolved (contract, section 7). */
const RETRY_MS = 30_000;

/** How long a load waits for names; what takes longer arrives later, as a change of that one machine. */
const LOAD_WAIT_MS = 1_000;

type Hosted = Pick<Machine, 'clusterId' | 'machineId' | 'host'>;

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

  /** Fills in the address of machines that are about to be loaded, as `find` does. */
  async fillIn(machines: readonly (Hosted & { ip: string | null })[]): Promise<void> {
    const found = await this.find(machines);
    for (const machine of machines) machine.ip = found.get(machine.host) ?? null;
  }

  /**
   * The address of each host: null where it cannot be resolved. A look-up that takes longer than a load waits leaves the address that
   * is known, and arrives later as a change of those machines.
   */
  private async find(machines: readonly Hosted[]): Promise<ReadonlyMap<string, string | null>> {
    const found = new Map(this.machines().map(({ host, ip }) => [host, ip]));
    const named = machines.filter(({ host }) => {
      const ip = canonicalIp(host);
      if (ip !== null) found.set(host, ip);
      return ip === null;
    });
    let waiting = true;
    const lookups = [...byHost(named)].map(async ([host, itsMachines]) => {
      const ip = await this.ports.resolver.resolve(host);
      if (ip !== null) this.said.delete(host);
      if (waiting) found.set(host, ip);
      else for (const machine of itsMachines) this.learn(machine, ip);
    });
    await atMost(this.ports.clock, LOAD_WAIT_MS, Promise.all(lookups));
    waiting = false;
    return found;
  }

  /** Looks at the machines without an address, says which they are, and comes back to them until they have one. */
  followUnresolved(): void {
    const unresolved = this.unresolved();
    for (const { clusterId, machineId, host } of unresolved) {
      if (this.said.has(host)) continue;
      this.said.add(host);
      const fields = { cluster_id: clusterId, machine_id: machineId, host };
      this.ports.log.warn(fields, 'the host of this machine cannot be resolved; it has no address until it can');
    }
    if (unresolved.length === 0 || this.cancelRetry !== null || this.stopped) return;
    this.cancelRetry = this.ports.clock.after(RETRY_MS, () => {
      void this.retry();
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancelRetry?.();
  }

  private async retry(): Promise<void> {
    const unresolved = this.unresolved();
    const found = await this.find(unresolved);
    for (const machine of unresolved) this.learn(machine, found.get(machine.host) ?? null);
    this.cancelRetry = null;
    this.followUnresolved();
  }

  private learn({ clusterId, machineId, host }: Hosted, ip: string | null): void {
    this.loop.apply({ type: 'address_resolved', clusterId, machineId, host, ip });
  }

  private unresolved(): Machine[] {
    return this.machines().filter((machine) => machine.ip === null);
  }

  private machines(): Machine[] {
    return this.loop.engine.table.clusters.flatMap((cluster) => cluster.machines.map((cell) => cell.machine));
  }
}

function byHost(machines: readonly Hosted[]): Map<string, Hosted[]> {
  const groups = new Map<string, Hosted[]>();
  for (const machine of machines) {
    const group = groups.get(machine.host);
    if (group === undefined) groups.set(machine.host, [machine]);
    else group.push(machine);
  }
  return groups;
}
