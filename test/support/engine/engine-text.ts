import type { Engine } from '../../../src/domain/engine.js';
import type { Registration, Watch } from '../../../src/domain/reception.js';
import type { MachineCell } from '../../../src/domain/table.js';
import { drainText } from './effect-text.js';

/** A machine as the engine holds it, on one line. `unsaved`: its row is to be written. */
export function machineStateText(cell: MachineCell, unsaved: boolean): string {
  const { clusterId, machineId, state, noTries, lastAttempt, enableAt, drain } = cell.machine;
  const silent = [...(cell.silentFor ?? [])].map((watch) => `#${watch.registration.number}`).sort();
  const parts = [`${clusterId}/${machineId} ${state} no_tries=${noTries} last_attempt=${lastAttempt}`];
  if (enableAt !== null) parts.push(`enable_at=${enableAt}`);
  if (drain !== null) parts.push(`drain=${drainText(drain)} ends_at=${drain.endsAt}`);
  if (silent.length > 0) parts.push(`disabled_for=${silent.join(',')}`);
  if (unsaved) parts.push('unsaved');
  return parts.join(' ');
}

/** A registration's counts on one line, then a line for each machine that it watches. */
export function registrationStateText(registration: Registration): string[] {
  const { number, packets, dropped, unknownSource, watches } = registration;
  const counts = `#${number} packets=${packets} dropped=${dropped} unknown_source=${unknownSource}`;
  const byMachine = [...watches].sort((a, b) => a.cell.machine.machineId - b.cell.machine.machineId);
  return [counts, ...byMachine.map(watchStateText)];
}

function watchStateText(watch: Watch): string {
  const { registration, cell, reception, packets, lastPacketAt } = watch;
  const { clusterId, machineId } = cell.machine;
  const until = watch.disabled ? `until=${watch.dueAt}` : `last_packet_at=${lastPacketAt}`;
  return `#${registration.number} ${clusterId}/${machineId} ${reception} packets=${packets} ${until}`;
}

/** All that the engine holds, in an order that depends on nothing but its content. */
export function engineStateText(engine: Engine): string[] {
  const cells = engine.table.clusters.flatMap((cluster) => cluster.machines);
  const machines = cells.map((cell) => machineStateText(cell, engine.sending.unsaved.has(cell)));
  const registrations = [...engine.receiving.registrations].flatMap(registrationStateText);
  return [...machines, ...registrations];
}
