import type { MachineStatus } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';
import type { Clock } from '../../ground/ports.js';
import type { StateName } from '../../schemas/machine.js';
import { invalidInput } from '../../schemas/validation.js';
import { type Caller, requireRole } from '../../security/tokens.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Drains } from '../table/drains.js';

/** What an operator says of a machine. Down with a reason or an end is a drain. */
export interface Status {
  readonly status: MachineStatus;
  readonly reason?: string;
  /** Unix milliseconds. */
  readonly until?: number;
}

/**
 * What operators, and the script functions of OpenSIPS 2.2, say about the state of a machine. It is so in memory at once; what changes
 * a drain is answered when that is written, or the database takes long.
 */
export class Operating {
  constructor(
    private readonly loop: EngineLoop,
    private readonly clock: Clock,
    private readonly drains: Drains,
  ) {}

  /** @throws `invalid_input` for an `until` that is over, or comes with `up` */
  async setStatus(
    cell: MachineCell,
    { status, reason, until }: Status,
    caller: Caller,
    cause: 'operator' | 'set_state' = 'operator',
  ): Promise<void> {
    if (until !== undefined) this.checkUntil(status, until);
    const { clusterId, machineId } = cell.machine;
    const by = caller.name;
    if (status === 'down' && (reason !== undefined || until !== undefined)) {
      const drain = { reason: reason ?? null, until: until ?? null, by };
      this.loop.apply({ type: 'drain', clusterId, machineId, ...drain }, by);
    } else {
      this.loop.apply({ type: 'set_status', clusterId, machineId, status, cause }, by, reason ?? null);
    }
    await this.drains.settled();
  }

  /**
   * OpenSIPS 2.2's `set_state`: 0 and 1 set the state, 2 counts one failed attempt of a machine that is up.
   * @throws `forbidden` when the caller may only count
   */
  async setState(cell: MachineCell, state: StateName, caller: Caller): Promise<void> {
    const { clusterId, machineId } = cell.machine;
    if (state === 2 || state === 'temp_disabled') {
      this.loop.apply({ type: 'count_failure', clusterId, machineId }, caller.name);
      return;
    }
    requireRole(caller, 'operate');
    await this.setStatus(cell, { status: state === 1 || state === 'up' ? 'up' : 'down' }, caller, 'set_state');
  }

  private checkUntil(status: MachineStatus, until: number): void {
    if (status === 'up') {
      throw invalidInput([
        { pointer: '/until', detail: 'goes with the status down: it says when the machine is up again' },
      ]);
    }
    if (until > this.clock.now().unixMs) return;
    throw invalidInput([{ pointer: '/until', detail: 'must be in the future' }]);
  }
}
