import { Engine } from '../../../../src/domain/engine.js';
import { DatabaseUnavailable } from '../../../../src/ground/errors.js';
import { EngineLoop } from '../../../../src/service/engine-loop.js';
import { ALONE } from '../../../../src/service/leadership.js';
import type { DrainChange, DrainRow, DrainStore } from '../../../../src/service/ports/drain-store.js';
import { Drains } from '../../../../src/service/table/drains.js';
import { TableQueue } from '../../../../src/service/table/table-queue.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { loadedMachine } from '../../../support/tables/rows.js';

/** A table in memory that can become unavailable. */
class Table implements DrainStore {
  away = false;
  readonly rows = new Map<number, DrainRow>();

  async load(): Promise<DrainRow[]> {
    this.reach();
    return [...this.rows.values()];
  }

  async save(changes: readonly DrainChange[]): Promise<void> {
    this.reach();
    for (const { clusterId, machineId, drain } of changes) {
      this.rows.delete(machineId);
      if (drain !== null) this.rows.set(machineId, { clusterId, machineId, drain });
    }
  }

  private reach(): void {
    if (this.away) throw new DatabaseUnavailable('away', undefined, true);
  }
}

/** Cluster 1 with machines 2 and 3. */
function start() {
  const table = new Table();
  const clock = new FakeClock();
  const quiet = () => undefined;
  const loop = new EngineLoop(new Engine(0), clock, (effect) => {
    if (effect.type === 'drain_changed') drains.follow(effect);
  });
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const queue = new TableQueue();
  const drains = new Drains(loop, { drains: table, clock, log, leadership: ALONE }, queue);
  const load = async () => {
    await drains.read();
    const machines = [2, 3].map((machineId) => loadedMachine({ machineId }));
    for (const machine of machines) drains.fillIn(machine);
    loop.apply({ type: 'load', machines, keepChanged: false });
  };
  const drain = (machineId: number, reason: string) => {
    loop.apply({ type: 'drain', clusterId: 1, machineId, reason, until: null, by: null });
  };
  const lift = (machineId: number) => {
    loop.apply({ type: 'set_status', clusterId: 1, machineId, status: 'up', cause: 'operator' });
  };
  const inTable = () => [...table.rows.values()].map((row) => [row.machineId, row.drain.reason]);
  const inForce = () =>
    loop.engine.table.cluster(1)?.machines.map(({ machine }) => machine.drain?.reason ?? machine.state);
  return { table, clock, queue, drains, load, drain, lift, inTable, inForce };
}

describe('the drains', () => {
  it('are in the table when they are settled', async () => {
    const { drains, load, drain, lift, inTable } = start();
    await load();

    drain(2, 'kernel');
    drain(3, 'disk');
    await drains.settled();
    expect(inTable()).toEqual([
      [2, 'kernel'],
      [3, 'disk'],
    ]);

    lift(2);
    drain(3, 'fan');
    await drains.settled();
    expect(inTable()).toEqual([[3, 'fan']]);
  });

  it('are in force at once during an outage, and written after it', async () => {
    const { table, clock, queue, drains, load, drain, lift, inTable, inForce } = start();
    await load();
    drain(3, 'disk');
    await drains.settled();
    table.away = true;

    drain(2, 'kernel');
    lift(3);
    await drains.settled();
    expect(inForce()).toEqual(['kernel', 'up']);
    expect(inTable()).toEqual([[3, 'disk']]);

    clock.advance(60_000);
    await queue.run(async () => undefined);
    table.away = false;
    clock.advance(60_000);
    await drains.settled();
    expect(inTable()).toEqual([[2, 'kernel']]);
  });

  it('that are unwritten win over the table at a load', async () => {
    const { table, drains, load, drain, inForce } = start();
    await load();
    table.away = true;
    drain(2, 'kernel');
    await drains.settled();

    await expect(load()).resolves.toBeUndefined();

    expect(inForce()).toEqual(['kernel', 'up']);
  });

  it('that are set while the table is read are kept', async () => {
    const { table, load, drain, inForce } = start();
    await load();
    table.load = async () => {
      drain(3, 'disk');
      return [];
    };

    await load();

    expect(inForce()).toEqual(['up', 'disk']);
  });

  it('that cannot be read prevent the first load, and no later one', async () => {
    const { table, load } = start();
    table.away = true;
    await expect(load()).rejects.toThrow('away');
    table.away = false;
    await load();
    table.away = true;
    await expect(load()).resolves.toBeUndefined();
  });

  it('are written at the stop, which rejects when that fails', async () => {
    const { table, drains, load, drain, inTable } = start();
    await load();
    table.away = true;
    drain(2, 'kernel');
    await drains.settled();
    await expect(drains.stop()).rejects.toThrow('away');

    table.away = false;
    await drains.stop();
    expect(inTable()).toEqual([[2, 'kernel']]);
  });
});
