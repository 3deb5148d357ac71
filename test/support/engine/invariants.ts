import { strict as assert } from 'node:assert';
import type { Deadlines, Timed } from '../../../src/domain/deadlines.js';
import type { Engine } from '../../../src/domain/engine.js';
import { disabledPeriodMs, type Registration } from '../../../src/domain/reception.js';
import type { MachineCell } from '../../../src/domain/table.js';
import { capabilityOf } from '../../../src/wire/cluster/capability-of.js';

/** Fails with the name of the broken rule unless everything that the engine keeps twice, or in an order, is consistent. */
export function checkInvariants(engine: Engine): void {
  const cells = engine.table.clusters.flatMap((cluster) => cluster.machines);
  const registrations = [...engine.receiveSide.registrations];
  checkTable(engine);
  for (const cell of cells) checkMachine(cell, registrations);
  for (const cell of engine.sendSide.unsaved) {
    assert(cells.includes(cell), `the unsaved cell of ${name(cell)} is in the table`);
  }
  for (const registration of registrations) checkRegistration(engine, registration);
  checkIndexes(engine, registrations);
  checkHeap(engine.sendSide.deadlines, cells);
  checkHeap(
    engine.receiveSide.deadlines,
    registrations.flatMap((registration) => [...registration.receptions]),
  );
}

function checkTable(engine: Engine): void {
  for (const cluster of engine.table.clusters) {
    assert(!cluster.empty, `cluster ${cluster.clusterId} holds a row`);
    assert.equal(engine.table.cluster(cluster.clusterId), cluster, `cluster ${cluster.clusterId} is found by its id`);
    const places = new Set<number>();
    for (const cell of cluster.machines) {
      const { clusterId, machineId } = cell.machine;
      assert.equal(clusterId, cluster.clusterId, `${name(cell)} is in its own cluster`);
      assert.equal(cluster.cell(machineId), cell, `${name(cell)} is found by its id`);
      assert(cell.place >= 0 && !places.has(cell.place), `${name(cell)} has a place of its own`);
      places.add(cell.place);
    }
  }
}

function checkMachine(cell: MachineCell, registrations: readonly Registration[]): void {
  const { state, enableAt, drain } = cell.machine;
  assert.equal(enableAt !== null, state === 'temp_disabled', `${name(cell)} has enableAt iff it is temp_disabled`);
  assert(drain === null || state === 'down', `${name(cell)} is down while it has a drain`);
  const due = enableAt ?? drain?.endsAt ?? Number.POSITIVE_INFINITY;
  assert.equal(
    cell.slot === -1 ? Number.POSITIVE_INFINITY : cell.dueAt,
    due,
    `the deadline of ${name(cell)} is its enableAt, or the end of its drain`,
  );
  const disabled = registrations
    .flatMap((registration) => [...registration.receptions])
    .filter((reception) => reception.cell === cell && reception.disabled);
  assert.deepEqual(
    cell.silentFor ?? new Set(),
    new Set(disabled),
    `silentFor of ${name(cell)} is its disabled receptions`,
  );
}

function checkRegistration(engine: Engine, registration: Registration): void {
  const { number, clusterId, protocol, timeoutMs, receptions } = registration;
  assert.equal(engine.receiveSide.registration(number), registration, `registration ${number} is found by its number`);
  const machines = (engine.table.cluster(clusterId)?.machines ?? []).filter((it) => it.machine.protocol === protocol);
  const ids = [...receptions].map(({ cell }) => cell.machine.machineId).sort((a, b) => a - b);
  const expected = machines.map((cell) => cell.machine.machineId);
  assert.deepEqual(ids, expected, `registration ${number} has the receptions of its cluster and protocol`);
  for (const cell of machines) {
    const reception = receptions.of(cell);
    assert(
      reception?.cell === cell && reception.registration === registration,
      `the reception of ${name(cell)} leads to both ends`,
    );
    assert.equal(
      reception.slot >= 0,
      timeoutMs !== 0,
      `the reception of ${name(cell)} is armed iff its timeout is not 0`,
    );
    assert(
      reception.disabled || reception.dueAt <= reception.silentAt,
      `the silence of ${name(cell)} is noticed in time`,
    );
    const disabledAt = reception.dueAt - disabledPeriodMs(registration);
    assert(
      !reception.disabled || reception.silentAt <= disabledAt,
      `${name(cell)} is silent as long as it is disabled`,
    );
    assert(!reception.disabled || timeoutMs !== 0, `reception of ${name(cell)} is disabled only by a timeout`);
  }
}

/** The indexes of registrations are private and read by name: only their consistency matters here. */
function checkIndexes(engine: Engine, registrations: readonly Registration[]): void {
  const registered: object = Reflect.get(engine.receiveSide, 'registered');
  for (const [index, key] of Object.entries(INDEXES)) {
    assert.deepEqual(
      indexed(Reflect.get(registered, index)),
      grouped(registrations, key),
      `registrations agree ${index}`,
    );
  }
}

const INDEXES: Readonly<Record<string, (it: Registration) => unknown>> = {
  byModule: ({ module }) => module,
  byCapability: ({ module }) => capabilityOf(module),
  byCluster: ({ clusterId }) => clusterId,
};

function indexed<K>(index: ReadonlyMap<K, Iterable<Registration>>): Map<K, number[]> {
  return new Map([...index].map(([key, found]) => [key, [...found].map((it) => it.number)]));
}

function grouped<K>(registrations: readonly Registration[], key: (it: Registration) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  for (const it of registrations) groups.set(key(it), [...(groups.get(key(it)) ?? []), it.number]);
  return groups;
}

function checkHeap<T extends Timed>(deadlines: Deadlines<T>, items: readonly T[]): void {
  const armed = items.filter((item) => item.slot !== -1);
  assert.equal(deadlines.size, armed.length, 'the heap holds the deadlines of existing items, and no others');
  const heap: Timed[] = [];
  for (const item of items) {
    assert(item.slot >= 0 || item.dueAt === 0, 'an item outside the heap has no deadline');
    if (item.slot < 0) continue;
    assert.equal(heap[item.slot], undefined, `slot ${item.slot} of the heap belongs to one deadline`);
    heap[item.slot] = item;
  }
  assert.equal(heap.length, armed.length, 'the heap has no holes');
  assert.equal(deadlines.peek(), heap[0], 'the heap starts at slot 0');
  for (const [slot, item] of heap.entries()) {
    const parent = heap[(slot - 1) >> 1];
    assert(parent === undefined || parent.dueAt <= item.dueAt, `slot ${slot} of the heap is not before its parent`);
  }
}

function name({ machine }: MachineCell): string {
  return `machine ${machine.clusterId}/${machine.machineId}`;
}
