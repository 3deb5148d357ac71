import type { DialectOf } from '../../domain/cluster-dialect.js';
import { isLearned, type MachineStatus } from '../../domain/machine.js';
import type { Clock } from '../../ground/ports.js';
import { invalidInput } from '../../schemas/validation.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';
import type { Actor } from '../actor.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Reports } from '../events/reports.js';
import { type Leadership, leaderChanged } from '../leadership.js';
import type { MachineRow, MachineStore } from '../ports/machine-store.js';
import { notAMember, observed, otherRow, unknownMachine } from '../views/errors.js';
import { fieldFaults, fieldNames, type MachineFields, type Provisioned } from '../views/provisioned.js';
import type { Addresses } from './addresses.js';
import type { Drains } from './drains.js';
import { tooManyMachines } from './machine-limit.js';
import { type ReadMachine, readMachine, STATE_NUMBERS } from './machine-rows.js';
import type { TableLoader } from './table-loader.js';
import type { TableQueue } from './table-queue.js';

export interface EditParts {
  readonly loop: EngineLoop;
  readonly reports: Reports;
  readonly store: MachineStore;
  readonly clock: Clock;
  readonly serverId: number;
  readonly maxMachines: number;
  readonly queue: TableQueue;
  readonly loader: TableLoader;
  readonly addresses: Addresses;
  readonly drains: Drains;
  readonly dialectOf: DialectOf;
  readonly nodeTimeoutSeconds: number;
  readonly leadership: Leadership;
}

const DEFAULTS = { description: null, failedAttempts: 3, duration: 30 } as const;

/** The provisioning of one machine by one actor: its steps, in the table and in memory. */
export class MachineEdit {
  constructor(
    private readonly parts: EditParts,
    readonly clusterId: number,
    readonly machineId: number,
    private readonly actor: Actor,
  ) {}

  /** The machine in memory, the own row included; null when there is none. */
  get current(): Provisioned | null {
    const cluster = this.parts.loop.engine.table.cluster(this.clusterId);
    if (!this.isOwn) return cluster?.cell(this.machineId) ?? null;
    const own = cluster?.own ?? null;
    return own === null ? null : { machine: own, silentFor: null, peer: null };
  }

  get isOwn(): boolean {
    return this.machineId === this.parts.serverId;
  }

  private get dialect(): DialectId {
    return this.parts.dialectOf(this.clusterId);
  }

  async insert(fields: MachineFields & { readonly url: string }): Promise<Provisioned | 'duplicate'> {
    this.checkMembership();
    this.checkRoom();
    this.checkFields(fields);
    const { url, state = 'up', description, failedAttempts, duration, priority, sipAddress } = fields;
    const wanted = {
      clusterId: this.clusterId,
      machineId: this.machineId,
      url,
      state: STATE_NUMBERS[state],
      description: description ?? DEFAULTS.description,
      failedAttempts: failedAttempts ?? DEFAULTS.failedAttempts,
      duration: duration ?? DEFAULTS.duration,
      ...(priority !== undefined && { priority }),
      ...(sipAddress !== undefined && { sipAddress }),
      noTries: 0,
      lastAttempt: 0,
    };
    this.checkLeadership();
    const row = await this.parts.store.insert(wanted, (stored) => void this.usable(stored));
    if (row === 'duplicate') {
      // A leader before this one may have written it, and died before its entry was in the log.
      if (this.parts.leadership.isReplica && !this.hasRow) await this.loadCluster();
      return row;
    }
    this.parts.drains.forget(this);
    const created = await this.take(row, null);
    this.report('created', created, fields);
    return created;
  }

  /** False for a machine that only its cluster told of: it can be inserted. */
  get hasRow(): boolean {
    return this.current !== null && !isLearned(this.current.machine);
  }

  /** Returns null when there is no such row. The state is not written here: it is set in memory, like every status. */
  async change(fields: MachineFields): Promise<Provisioned | null> {
    const { current } = this;
    const { state, ...columns } = fields;
    if (current === null || !this.hasRow) return null;
    this.checkFields(fields);
    const accept = (stored: MachineRow) => void this.usable(stored);
    this.checkLeadership();
    const row = await this.parts.store.update(current.machine.clustererId, columns, accept);
    if (row === null) {
      await this.forget();
      return null;
    }
    const changed = await this.take(row, state ?? null);
    this.report('changed', changed, fields);
    return changed;
  }

  async remove(removed: Provisioned): Promise<void> {
    this.checkLeadership();
    await this.parts.store.remove(removed.machine.clustererId);
    if (this.isOwn) await this.loadCluster();
    else await this.forget();
    this.report('deleted', removed, {});
  }

  /** Reads the rows of the machine's cluster again. */
  loadCluster(): Promise<void> {
    return this.parts.loader.loadCluster(this.clusterId, this.actor);
  }

  private report(change: 'created' | 'changed' | 'deleted', { machine }: Provisioned, fields: MachineFields): void {
    this.parts.reports.report({
      kind: 'provisioning',
      cluster_id: this.clusterId,
      machine_id: this.machineId,
      change,
      url: machine.url,
      fields: fieldNames(fields),
      by: this.actor.name,
    });
  }

  /** Reads a row that was just written. @throws `database_unavailable` when the table holds other values than were written */
  private usable(row: MachineRow): ReadMachine {
    const read = readMachine(row, this.parts.clock.now(), this.dialect);
    if ('fault' in read) throw otherRow(read.fault);
    if (row.clusterId !== this.clusterId || row.machineId !== this.machineId) {
      throw otherRow({ field: 'machine_id', reason: `it is machine ${row.machineId} of cluster ${row.clusterId}` });
    }
    return read.machine;
  }

  private async forget(): Promise<void> {
    const { clusterId, machineId } = this;
    await this.parts.loop.apply({ type: 'remove_machine', clusterId, machineId }, this.actor);
    this.parts.drains.forget(this);
  }

  /** Takes a row that was just written into memory. The own row may load or change a whole cluster. */
  private async take(row: MachineRow, status: MachineStatus | null): Promise<Provisioned> {
    const machine = this.usable(row);
    if (this.isOwn) {
      await this.loadCluster();
    } else {
      const fillIn = await this.parts.addresses.lookUpAll([machine]);
      fillIn(machine);
      this.parts.drains.fillIn(machine);
      await this.parts.loop.apply({ type: 'put_machine', machine, status }, this.actor);
      await this.parts.addresses.follow();
    }
    const { current } = this;
    if (current === null) throw unknownMachine(this.clusterId, this.machineId);
    return current;
  }

  /** A member has only its own clusters in memory. A row in another one would disappear at the next load. */
  private checkMembership(): void {
    const { serverId } = this.parts;
    if (serverId === 0 && this.dialect === '2.4') throw observed(this.clusterId);
    if (serverId === 0 || this.isOwn) return;
    if (this.parts.loop.engine.table.cluster(this.clusterId)?.own) return;
    throw notAMember(this.clusterId, serverId);
  }

  /** Refuses fields that the dialect or the table does not have. */
  private checkFields(fields: MachineFields): void {
    const { store, nodeTimeoutSeconds } = this.parts;
    const faults = fieldFaults(fields, this.dialect, store.tableVersion, nodeTimeoutSeconds);
    if (faults.length > 0) throw invalidInput(faults);
  }

  /** The call may have waited in a process that was frozen: what another leader has written since is newer. */
  private checkLeadership(): void {
    if (!this.parts.leadership.isLeading) throw leaderChanged();
  }

  private checkRoom(): void {
    if (!this.isOwn && this.parts.loop.engine.table.size >= this.parts.maxMachines) throw tooManyMachines(this.parts);
  }
}
