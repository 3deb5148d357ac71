import type { Engine } from '../../../src/domain/engine.js';
import type { MachineReception, Registration } from '../../../src/domain/reception.js';
import type { MachineCell } from '../../../src/domain/table.js';
import { drainText } from './effect-text.js';

/** A machine as the engine holds it, on one line. `unsaved`: its row must be written. */
export function machineStateText(cell: MachineCell, unsaved: boolean): string {
  const { clusterId, machineId, state, noTries, lastAttempt, enableAt, drain } = cell.machine;
  const silent = [...(cell.silentFor ?? [])].map(({ registration }) => `#${registration.number}`).sort();
  const parts = [`${clusterId}/${machineId} ${state} no_tries=${noTries} last_attempt=${lastAttempt}`];
  if (enableAt !== null) parts.push(`enable_at=${enableAt}`);
  if (drain !== null) parts.push(`drain=${drainText(drain)} ends_at=${drain.endsAt}`);
  if (silent.length > 0) parts.push(`disabled_for=${silent.join(',')}`);
  if (unsaved) parts.push('unsaved');
  return parts.join(' ');
}

/** The counts of a registration on one line, then a line for each of its receptions. */
export function registrationStateText(registration: Registration): string[] {
  const { number, packets, dropped, unknownSource, receptions } = registration;
  const counts = `#${number} packets=${packets} dropped=${dropped} unknown_source=${unknownSource}`;
  const byMachine = [...receptions].sort((a, b) => a.cell.machine.machineId - b.cell.machine.machineId);
  return [counts, ...byMachine.map(receptionStateText)];
}

function receptionStateText(reception: MachineReception): string {
  const { registration, cell, state, packets, lastPacketAt } = reception;
  const { clusterId, machineId } = cell.machine;
  const until = reception.disabled ? `until=${reception.dueAt}` : `last_packet_at=${lastPacketAt}`;
  return `#${registration.number} ${clusterId}/${machineId} ${state} packets=${packets} ${until}`;
}

/** Everything the engine holds, in an order that depends only on the content. */
export function engineStateText(engine: Engine): string[] {
  const cells = engine.table.clusters.flatMap((cluster) => cluster.machines);
  const machines = cells.map((cell) => machineStateText(cell, engine.sendSide.unsaved.has(cell)));
  const registrations = [...engine.receiveSide.registrations].flatMap(registrationStateText);
  return [...machines, ...registrations];
}
