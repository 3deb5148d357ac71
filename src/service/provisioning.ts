import type { MachineStatus } from '../domain/machine.js';
import type { MachineCell } from '../domain/table.js';
import { invalidInput } from '../schemas/validation.js';
import { parseMachineUrl } from '../wire/machine-url.js';
import type { Addresses } from './addresses.js';
import type { EngineLoop } from './engine-loop.js';
import { type MachineLimit, tooManyMachines } from './machine-limit.js';
import { readRow, STATE_NUMBERS } from './machine-rows.js';
import type { Clock, MachineRow, MachineRowChange, MachineStore } from './ports.js';
import { duplicate, needsUrl, notAMember, ownState, unknownCluster, unknownMachine, unusable } from './refusals.js';
import type { Reloading } from './reloading.js';
import type { TableQueue } from './table-queue.js';

/** The fields an operator provisions; those left out keep their value, or get their default (contract, section 3). */
export interface MachineFields {
  readonly url?: string;
  readonly description?: string | null;
  readonly state?: MachineStatus;
  readonly failedAttempts?: number;
  /** Seconds. */
  readonly duration?: number;
}

const DEFAULTS = { description: null, failedAttempts: 3, duration: 30 } as const;

/** A machine as it stands now, and what it looks like: a cell, or the own row, which has none. */
export type Provisioned = Pick<MachineCell, 'machine' | 'silentFor'>;

/** Looks at the machine as it is when its turn comes (null: not there), and throws to leave everything as it is. */
export type Precondition = (current: Provisioned | null) => void;

interface Parts {
  readonly queue: TableQueue;
  readonly reloading: Reloading;
  readonly addresses: Addresses;
}

/** Creates, changes and removes machines: in the table first, then in memory. When the table refuses, nothing changes. */
export class Provisioning {
  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly store: MachineStore; readonly clock: Clock },
    private readonly options: MachineLimit,
    private readonly parts: Parts,
  ) {}

  /** @throws `duplicate_machine`, `not_a_member`, `too_many_machines`, `invalid_input`, `database_unavailable` */
  create(
    clusterId: number,
    machineId: number,
    fields: MachineFields & { readonly url: string },
    by: string | null,
  ): Promise<Provisioned> {
    checkUrl(fields.url);
    return this.parts.queue.ask(async () => {
      if (this.current(clusterId, machineId) !== null) throw duplicate(clusterId, machineId);
      const created = await this.insert(clusterId, machineId, fields, by);
      if (created === 'duplicate') throw duplicate(clusterId, machineId);
      return created;
    });
  }

  /** Creates the machine, or changes the fields named. @throws as `create`, `unknown_machine` for a new one without a url */
  put(
    clusterId: number,
    machineId: number,
    fields: MachineFields,
    precondition: Precondition,
    by: string | null,
  ): Promise<{ readonly created: boolean; readonly machine: Provisioned }> {
    if (fields.url !== undefined) checkUrl(fields.url);
    return this.parts.queue.ask(async () => {
      if (this.isOwn(machineId) && fields.state !== undefined) throw ownState();
      precondition(this.current(clusterId, machineId));
      const changed = await this.change(clusterId, machineId, fields, by);
      if (changed !== null) return { created: false, machine: changed };
      const { url } = fields;
      if (url === undefined) throw needsUrl();
      const created = await this.insert(clusterId, machineId, { ...fields, url }, by);
      if (created !== 'duplicate') return { created: true, machine: created };
      // Somebody else has written that row since the last load: read it, then change it.
      await this.parts.reloading.loadCluster(clusterId, by);
      const found = await this.change(clusterId, machineId, fields, by);
      if (found === null) throw unusable(clusterId, machineId);
      return { created: false, machine: found };
    });
  }

  /** @throws `unknown_cluster`, `unknown_machine`, `database_unavailable` */
  remove(clusterId: number, machineId: number, precondition: Precondition, by: string | null): Promise<void> {
    return this.parts.queue.ask(async () => {
      if (this.loop.engine.table.cluster(clusterId) === undefined) throw unknownCluster(clusterId);
      const current = this.current(clusterId, machineId);
      if (current === null) throw unknownMachine(clusterId, machineId);
      precondition(current);
      await this.ports.store.remove(current.machine.clustererId);
      if (this.isOwn(machineId)) await this.parts.reloading.loadCluster(clusterId, by);
      else this.loop.apply({ type: 'remove_machine', clusterId, machineId }, by);
    });
  }

  /** Resolves when all that was asked of the table so far has its answer. */
  settled(): Promise<void> {
    return this.parts.queue.run(async () => undefined);
  }

  private async insert(
    clusterId: number,
    machineId: number,
    fields: MachineFields & { readonly url: string },
    by: string | null,
  ) {
    this.checkMembership(clusterId, machineId);
    if (!this.isOwn(machineId) && this.loop.engine.table.size >= this.options.maxMachines) {
      throw tooManyMachines(this.options);
    }
    const { url, state = 'up', description, failedAttempts, duration } = fields;
    const row = await this.ports.store.insert({
      clusterId,
      machineId,
      url,
      state: STATE_NUMBERS[state],
      description: description ?? DEFAULTS.description,
      failedAttempts: failedAttempts ?? DEFAULTS.failedAttempts,
      duration: duration ?? DEFAULTS.duration,
      noTries: 0,
      lastAttempt: 0,
    });
    return row === 'duplicate' ? row : this.take(row, null, by);
  }

  /** Null when there is no such row. The state is no column of this change: it goes the way all states go. */
  private async change(
    clusterId: number,
    machineId: number,
    fields: MachineFields,
    by: string | null,
  ): Promise<Provisioned | null> {
    const current = this.current(clusterId, machineId);
    if (current === null) return null;
    const { state, ...columns } = fields;
    const row = await this.ports.store.update(current.machine.clustererId, columns satisfies MachineRowChange);
    if (row !== null) return this.take(row, state ?? null, by);
    this.loop.apply({ type: 'remove_machine', clusterId, machineId }, by);
    return null;
  }

  /** Takes a row that has just been written into memory. The own row may load or change a whole cluster. */
  private async take(row: MachineRow, status: MachineStatus | null, by: string | null): Promise<Provisioned> {
    const read = readRow(row, this.ports.clock.now());
    if ('fault' in read) throw new Error(`the table holds another ${read.fault.field} than was written`);
    const { clusterId, machineId } = read.machine;
    if (this.isOwn(machineId)) {
      await this.parts.reloading.loadCluster(clusterId, by);
      const own = this.current(clusterId, machineId);
      if (own === null) throw unknownMachine(clusterId, machineId);
      return own;
    }
    const [machine] = await this.parts.addresses.resolveAll([read.machine]);
    if (machine === undefined) throw new Error('a machine was lost while its host was looked up');
    this.loop.apply({ type: 'put_machine', machine, status }, by);
    this.parts.addresses.followUnresolved();
    const cell = this.loop.engine.table.cell(clusterId, machineId);
    if (cell === undefined) throw unknownMachine(clusterId, machineId);
    return cell;
  }

  /** The machine as it is in memory, the own row too; null when it is not there. */
  private current(clusterId: number, machineId: number): Provisioned | null {
    const cluster = this.loop.engine.table.cluster(clusterId);
    if (!this.isOwn(machineId)) return cluster?.cell(machineId) ?? null;
    const own = cluster?.own ?? null;
    return own === null ? null : { machine: own, silentFor: null };
  }

  private isOwn(machineId: number): boolean {
    return machineId === this.options.serverId;
  }

  /** A member's memory holds only clusters that it is in itself; a row elsewhere would vanish at once. */
  private checkMembership(clusterId: number, machineId: number): void {
    const { serverId } = this.options;
    if (serverId === 0 || this.isOwn(machineId)) return;
    if (this.loop.engine.table.cluster(clusterId)?.own) return;
    throw notAMember(clusterId, serverId);
  }
}

function checkUrl(url: string): void {
  const parsed = parseMachineUrl(url);
  if ('fault' in parsed) throw invalidInput([{ pointer: '/url', detail: parsed.fault }]);
}
