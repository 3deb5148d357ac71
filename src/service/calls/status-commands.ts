import type { MachineId } from '../../domain/commands.js';
import type { MachineStatus } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';
import type { Expected, Unmet } from '../../domain/version.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock } from '../../ground/ports.js';
import type { StateName } from '../../schemas/machine.js';
import { invalidInput } from '../../schemas/validation.js';
import { requireRole } from '../../security/tokens.js';
import type { Actor } from '../actor.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Drains } from '../table/drains.js';
import { knownCluster, unknownMachine } from '../views/errors.js';
import { PreconditionFailed, type VersionedMachine, versioned } from '../views/versioned.js';

/** The machine of a command. */
export interface MachineTarget extends MachineId {
  /** If given, the machine must have this protocol. */
  readonly protocol?: string | undefined;
  readonly expected?: Expected | null;
}

/** Down with a reason or an end is a drain. */
export interface Status {
  readonly status: MachineStatus;
  readonly reason?: string;
  /** Unix milliseconds. */
  readonly until?: number;
}

/**
 * What operators and the script functions of OpenSIPS 2.2 set on a machine. The state changes in memory at once. Each call returns the
 * machine as it is then, after the change of a drain is written, or after a short wait if the database is slow.
 */
export class StatusCommands {
  constructor(
    private readonly loop: EngineLoop,
    private readonly clock: Clock,
    private readonly drains: Drains,
  ) {}

  /** @throws `unknown_cluster`, `unknown_machine`, `precondition_failed`, `invalid_input` for an `until` that is past, or set with `up` */
  async setStatus(target: MachineTarget, status: Status, actor: Actor): Promise<VersionedMachine> {
    return this.set(target, status, actor, 'operator');
  }

  /**
   * `set_state` of OpenSIPS 2.2: 0 and 1 set the state, 2 counts one failed attempt of a machine that is up.
   * @throws `unknown_cluster`, `unknown_machine`, `precondition_failed`, `forbidden` unless the actor may set a state
   */
  async setState(target: MachineTarget, state: StateName, actor: Actor): Promise<VersionedMachine> {
    const cell = this.find(target);
    if (state === 2 || state === 'temp_disabled') {
      const { clusterId, machineId, expected } = target;
      return this.applied(
        cell,
        await this.loop.apply({ type: 'count_failure', clusterId, machineId, expected }, actor),
      );
    }
    if (actor.role !== null) requireRole({ ...actor, role: actor.role }, 'operate');
    return this.set(target, { status: state === 1 || state === 'up' ? 'up' : 'down' }, actor, 'set_state');
  }

  private async set(
    target: MachineTarget,
    { status, reason, until }: Status,
    actor: Actor,
    cause: 'operator' | 'set_state',
  ): Promise<VersionedMachine> {
    const cell = this.find(target);
    if (until !== undefined) this.checkUntil(status, until);
    const { clusterId, machineId, expected } = target;
    const id = { clusterId, machineId, expected };
    const isDrain = status === 'down' && (reason !== undefined || until !== undefined);
    const drain = { reason: reason ?? null, until: until ?? null, by: actor.name };
    const unmet = await (isDrain
      ? this.loop.apply({ type: 'drain', ...id, ...drain }, actor)
      : this.loop.apply({ type: 'set_status', ...id, status, cause }, actor, reason));
    if (unmet === null) await this.drains.settled();
    return this.applied(cell, unmet);
  }

  private find({ clusterId, machineId, protocol }: MachineTarget): MachineCell {
    const cell = knownCluster(this.loop.engine.table, clusterId).cell(machineId);
    if (cell === undefined) throw unknownMachine(clusterId, machineId);
    if (protocol !== undefined && cell.machine.protocol !== protocol.toLowerCase()) {
      const detail = `Machine ${machineId} of cluster ${clusterId} has the protocol ${cell.machine.protocol}, not ${protocol}.`;
      throw new ServiceError('unknown_machine', detail);
    }
    return cell;
  }

  /** The machine after a command. @throws `precondition_failed` */
  private applied(cell: MachineCell, unmet: Unmet | null): VersionedMachine {
    const machine = versioned(cell, this.clock.now());
    if (unmet !== null) throw new PreconditionFailed(unmet, machine);
    return machine;
  }

  private checkUntil(status: MachineStatus, until: number): void {
    if (status === 'up') {
      throw invalidInput([{ pointer: '/until', detail: 'needs the status down: it is when the machine is up again' }]);
    }
    if (until > this.clock.now().unixMs) return;
    throw invalidInput([{ pointer: '/until', detail: 'must be in the future' }]);
  }
}
