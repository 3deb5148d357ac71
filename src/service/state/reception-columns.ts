import type { Engine } from '../../domain/engine.js';
import { MachineReception } from '../../domain/reception.js';
import type { MachineCell } from '../../domain/table.js';

/** The numbers of one reception, in this order. Part of the shape of a snapshot. */
export const COLUMNS = ['place', 'dueAt', 'slot', 'disabled', 'dropped', 'lastPacketAt', 'packets'] as const;

/**
 * The receptions of each registration, by its number, as bytes of 64-bit floats. There may be a million, so they are not objects in a snapshot: as such
 * each took two microseconds, here it takes less than one.
 */
export function packReceptions({ receiveSide }: Engine): Map<number, Uint8Array> {
  const packed = new Map<number, Uint8Array>();
  for (const { number, receptions } of receiveSide.registrations) {
    const numbers = new Float64Array(COLUMNS.length * receptions.size);
    let at = 0;
    for (const reception of receptions) {
      numbers[at++] = reception.cell.place;
      numbers[at++] = reception.dueAt;
      numbers[at++] = reception.slot;
      numbers[at++] = reception.disabled ? 1 : 0;
      numbers[at++] = reception.dropped;
      numbers[at++] = reception.lastPacketAt;
      numbers[at++] = reception.packets;
    }
    if (at > 0) packed.set(number, new Uint8Array(numbers.buffer));
  }
  return packed;
}

/** Gives an engine that has its registrations and machines their receptions. */
export function unpackReceptions({ receiveSide, table }: Engine, packed: ReadonlyMap<number, Uint8Array>): void {
  const bySlot: MachineReception[] = [];
  const dueAts: number[] = [];
  for (const registration of receiveSide.registrations) {
    const bytes = packed.get(registration.number);
    if (bytes === undefined) continue;
    const byPlace: MachineCell[] = [];
    for (const cell of table.cluster(registration.clusterId)?.machines ?? []) byPlace[cell.place] = cell;
    const numbers = new Float64Array(bytes.length / Float64Array.BYTES_PER_ELEMENT);
    new Uint8Array(numbers.buffer).set(bytes);
    let at = 0;
    const next = (): number => {
      const number = numbers[at++];
      if (number === undefined) throw new RangeError(`Registration ${registration.number} has half a reception.`);
      return number;
    };
    while (at < numbers.length) {
      // In the order of `COLUMNS`.
      const place = next();
      const dueAt = next();
      const slot = next();
      const disabled = next();
      const dropped = next();
      const lastPacketAt = next();
      const packets = next();
      const cell = byPlace[place];
      if (cell === undefined)
        throw new RangeError(`Registration ${registration.number} has a reception without a machine.`);
      const reception = new MachineReception(registration, cell);
      reception.disabled = disabled === 1;
      reception.dropped = dropped;
      registration.receptions.add(reception, lastPacketAt);
      registration.receptions.refresh(cell, packets, lastPacketAt);
      if (reception.disabled) cell.silentFor = (cell.silentFor ?? new Set()).add(reception);
      if (slot < 0) continue;
      bySlot[slot] = reception;
      dueAts[slot] = dueAt;
    }
  }
  // In this order each is at its place in the heap at once, so deadlines at the same time fire in the same order.
  for (const [slot, reception] of bySlot.entries()) receiveSide.deadlines.set(reception, dueAts[slot] as number);
}
