import type { Now } from '../ground/now.js';
import type { MachineCommand } from './commands.js';
import type { Effect } from './effects.js';
import type { Membership } from './membership.js';
import type { MachineCell } from './table.js';
import { type Unmet, unmet } from './version.js';

/** Applies a command to one machine. In dialect 2.4 its fleet follows. Returns why the condition of the command is not met, or null. */
export function applyToMachine(
  membership: Membership,
  command: MachineCommand,
  cell: MachineCell,
  now: Now,
  out: Effect[],
): Unmet | null {
  const { sendSide } = membership.members;
  sendSide.enableDue(cell, now, out);
  if ('expected' in command && command.expected) {
    const failed = unmet(command.expected, cell.machine);
    if (failed !== null) return failed;
  }
  switch (command.type) {
    case 'send_succeeded':
      if (cell.peer === null) sendSide.succeeded(cell, command.attempt, out);
      break;
    case 'send_failed':
      if (cell.peer === null) sendSide.failed(cell, command.attempt, now, out);
      else askAgain(membership, cell, now, out);
      break;
    case 'count_failure':
      sendSide.countFailure(cell, now, out);
      if (cell.peer !== null) askAgain(membership, cell, now, out);
      break;
    case 'drain':
      sendSide.drain(cell, command, now, out);
      break;
    case 'set_status':
      sendSide.setStatus(cell, command.status, command.cause, out);
      break;
    case 'address_resolved':
      sendSide.resolved(cell, command.host, command.ips, out);
      break;
    case 'row_saved':
      sendSide.saved(cell, command.changes);
      break;
    case 'remove_machine':
      membership.remove(cell, now, out);
      membership.fleets.takeDrain(command.clusterId, command.machineId);
      return null;
    default:
      command satisfies never;
  }
  membership.follow(cell, now, out);
  return null;
}

/** In dialect 2.4 a failed send proves nothing yet: the machine is asked (L6). */
function askAgain(membership: Membership, { machine }: MachineCell, now: Now, out: Effect[]): void {
  membership.with(machine.clusterId, now, out, (fleet, made) => fleet.sendFailed(machine.machineId, now, made));
}
