import type { Now } from '../ground/now.js';
import type { Deadlines } from './deadlines.js';
import type { Effect } from './effects.js';
import { disabledPeriodMs, type MachineReception, type Notification, type Registration } from './reception.js';

/** A reception whose machine is silent is disabled for a period; what comes in it is dropped (R2 to R4). */

/** At the instant of the deadline: a silence begins (R2), a disabled period ends (R4), or packets came and the deadline moves. */
export function fireSilence(reception: MachineReception, deadlines: Deadlines<MachineReception>, out: Effect[]): void {
  const { dueAt: at, registration, cell } = reception;
  const { machineId } = cell.machine;
  if (reception.disabled) {
    setDisabled(reception, false, out);
    registration.receptions.refresh(cell, 0, at);
    deadlines.set(reception, reception.silentAt);
    notify(registration, { type: 'up', machineId }, out);
    return;
  }
  const { silentAt } = reception;
  if (at < silentAt) {
    deadlines.set(reception, silentAt);
    return;
  }
  setDisabled(reception, true, out);
  reception.dropped = 0;
  deadlines.set(reception, at + disabledPeriodMs(registration));
  notify(registration, { type: 'timeout', machineId, silentForMs: at - reception.lastPacketAt }, out);
}

/** What is due happens before the command, even if the timer has not fired yet (T2). */
export function catchUp(
  reception: MachineReception,
  deadlines: Deadlines<MachineReception>,
  now: Now,
  out: Effect[],
): void {
  while (reception.slot !== -1 && reception.dueAt <= now.monotonicMs) fireSilence(reception, deadlines, out);
}

/** A packet of a machine whose reception is disabled (R3). */
export function dropPacket(reception: MachineReception, now: Now, out: Effect[]): void {
  const { registration, cell, dueAt } = reception;
  reception.dropped++;
  registration.dropped++;
  const { machineId } = cell.machine;
  const remainingMs = dueAt - now.monotonicMs;
  notify(registration, { type: 'temp_disabled', machineId, dropped: reception.dropped, remainingMs }, out);
}

/** Almost no machine is silent for anyone, so an empty set is not kept. */
export function deleteSilence(reception: MachineReception): void {
  const { cell } = reception;
  cell.silentFor?.delete(reception);
  if (cell.silentFor?.size === 0) cell.silentFor = null;
}

function setDisabled(reception: MachineReception, disabled: boolean, out: Effect[]): void {
  const { cell, registration, state: from } = reception;
  reception.disabled = disabled;
  if (disabled) cell.silentFor = (cell.silentFor ?? new Set()).add(reception);
  else deleteSilence(reception);
  out.push({ type: 'reception', registration, machineId: cell.machine.machineId, from, to: reception.state });
}

function notify(registration: Registration, notification: Notification, out: Effect[]): void {
  out.push({ type: 'notify', registration, notification });
}
