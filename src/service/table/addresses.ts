import { isLearned, type Machine } from '../../domain/machine.js';
import type { Clock, Log } from '../../ground/ports.js';
import { withTimeout } from '../../ground/with-timeout.js';
import { canonicalIp } from '../../wire/address.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Resolution, Resolver } from '../ports/resolver.js';
import { inTurns } from '../turns.js';
import { FamilyWarnings } from './family-warnings.js';
import { ipsAfter } from './ips-after.js';
import { NameRetries } from './name-retries.js';

/** How long a load waits for lookups. A slower lookup changes its machines when it ends. */
const LOAD_WAIT_MS = 1_000;

type Hosted = Pick<Machine, 'clusterId' | 'machineId' | 'host'>;
type Addressed = Hosted & { ip: string | null; ips: readonly string[] };
type FillIn = (machine: Addressed) => void;

interface Ports {
  readonly resolver: Resolver;
  readonly sourceIp?: string | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Resolves the hosts of machines to addresses, and keeps them resolved. */
export class Addresses {
  /** The hosts without an address. */
  private readonly retries: NameRetries;
  /** Why the last lookup of a host failed. */
  private readonly faults = new Map<string, string>();
  private readonly lookingUp = new Set<string>();
  private readonly families: FamilyWarnings;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: Ports,
  ) {
    this.retries = new NameRetries(ports.clock, (host) => this.retry(host));
    this.families = new FamilyWarnings(ports.sourceIp ?? null, ports.log);
  }

  /**
   * Fills in the address of each machine whose host is one, and looks up the other hosts. Resolves with what fills in their addresses, right before
   * a machine is loaded. When a lookup takes longer than `LOAD_WAIT_MS`, its machines get the known addresses, and the result when it ends.
   */
  async lookUpAll(machines: readonly Addressed[]): Promise<FillIn> {
    const { clock } = this.ports;
    const known = new Map<string, readonly string[]>();
    await inTurns(this.machines(), clock, ({ host, ips }) => known.set(host, ips));
    const named = new Map<string, Hosted[]>();
    await inTurns(machines, clock, (machine) => {
      const ip = canonicalIp(machine.host);
      if (ip === null) addByHost(named, machine);
      else fillIn(machine, [ip]);
    });
    let waiting = true;
    const lookups = [...named].map(async ([host, itsMachines]) => {
      const found = await this.lookUp(host);
      // Also when it is late: some of its machines may not be loaded yet.
      known.set(host, this.after(host, known.get(host) ?? [], found));
      if (!waiting) for (const machine of itsMachines) this.learn(machine, found);
    });
    await withTimeout(clock, LOAD_WAIT_MS, Promise.all(lookups));
    waiting = false;
    return (machine) => {
      if (named.has(machine.host)) fillIn(machine, known.get(machine.host) ?? []);
    };
  }

  /** The sender has looked up the host of this machine. */
  found(clusterId: number, machineId: number, host: string, found: Resolution): void {
    this.learn({ clusterId, machineId, host }, found);
  }

  /** A machine is in the table. If a fleet told of it, its host was not looked up before, as those of rows are. */
  added(machine: Machine): void {
    if (!isLearned(machine) || machine.ip !== null) return;
    void this.lookUp(machine.host).then((found) => this.learn(machine, found));
  }

  /** After a change of the table: warns of machines without a usable address, and looks up their hosts until they have one. */
  async follow(): Promise<void> {
    const { clock } = this.ports;
    const hosts = new Set<string>();
    const unresolved = new Set<string>();
    await inTurns(this.machines(), clock, ({ host, ip }) => {
      hosts.add(host);
      if (ip === null) unresolved.add(host);
    });
    for (const host of this.faults.keys()) if (!hosts.has(host)) this.faults.delete(host);
    this.retries.keepOnly(unresolved);
    await inTurns(this.machines(), clock, (machine) => this.check(machine));
  }

  stop(): void {
    this.retries.stop();
  }

  private async lookUp(host: string): Promise<Resolution> {
    this.lookingUp.add(host);
    const found = await this.ports.resolver.resolve(host);
    this.lookingUp.delete(host);
    return found;
  }

  private async retry(host: string): Promise<void> {
    const found = await this.lookUp(host);
    if (found.ips.length > 0) this.retries.drop(host);
    for (const machine of this.machines()) if (machine.host === host) this.learn(machine, found);
  }

  private async learn({ clusterId, machineId, host }: Hosted, found: Resolution): Promise<void> {
    const cell = this.loop.engine.table.cell(clusterId, machineId);
    if (cell?.machine.host !== host) return;
    const ips = this.after(host, cell.machine.ips, found);
    try {
      await this.loop.apply({ type: 'address_resolved', clusterId, machineId, host, ips });
    } catch {
      // The log did not take it, or another replica leads now: the next lookup finds the same.
      return;
    }
    this.check(cell.machine);
  }

  /** Returns the addresses that a host has after a lookup. */
  private after(host: string, known: readonly string[], found: Resolution): readonly string[] {
    const ips = ipsAfter(known, found);
    if (found.fault === null) {
      this.faults.delete(host);
    } else {
      const isNew = !this.faults.has(host);
      this.faults.set(host, found.fault);
      const fields = { host, reason: found.fault, addresses: ips };
      if (isNew && ips.length > 0) this.ports.log.warn(fields, 'host lookup failed; keeping the last known address');
    }
    return ips;
  }

  private check(machine: Machine): void {
    const { clusterId, machineId, host, ip } = machine;
    if (ip !== null) {
      this.families.check(machine);
      return;
    }
    // Its first lookup may still find an address.
    if (this.lookingUp.has(host) || !this.retries.add(host)) return;
    const fields = { cluster_id: clusterId, machine_id: machineId, host, reason: this.faults.get(host) };
    this.ports.log.warn(fields, 'host lookup failed; machine without an address');
  }

  /** Each as it is when it is read. */
  private *machines(): Generator<Machine> {
    for (const cluster of this.loop.engine.table.clusters) for (const { machine } of cluster.machines) yield machine;
  }
}

function fillIn(machine: Addressed, ips: readonly string[]): void {
  machine.ips = ips;
  machine.ip = ips[0] ?? null;
}

/** Groups machines by host name. */
function addByHost(groups: Map<string, Hosted[]>, machine: Hosted): void {
  const group = groups.get(machine.host);
  if (group === undefined) groups.set(machine.host, [machine]);
  else group.push(machine);
}
