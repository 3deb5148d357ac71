import { Engine } from '../../../src/domain/engine.js';
import { EngineLoop } from '../../../src/service/engine-loop.js';
import { FakeClock } from '../../support/engine/fake-clock.js';
import { loadedMachine } from '../../support/tables/rows.js';

const MACHINES = 100;

function rows(description: string | null) {
  return Array.from({ length: MACHINES }, (_, i) => loadedMachine({ machineId: i + 1, description }));
}

/** An engine whose effects take a millisecond each, so that a load does not fit into a slice. */
function slowLoop() {
  const clock = new FakeClock();
  const loop = new EngineLoop(new Engine(0), clock, () => clock.spend(1));
  const machine = (machineId: number) => loop.engine.table.cell(1, machineId)?.machine;
  const setDown = (machineId: number) => {
    loop.apply({ type: 'set_status', clusterId: 1, machineId, status: 'down', cause: 'operator' });
  };
  return { loop, machine, setDown };
}

describe('a load that does not fit into a slice', () => {
  it('lets other commands come in between, and counts what it changes', async () => {
    const { loop, machine, setDown } = slowLoop();
    const loading = loop.load({ type: 'load', machines: rows(null), keepChanged: false });
    expect(machine(1)).toMatchObject({ state: 'up' });
    expect(machine(MACHINES)).toBeUndefined();
    setDown(1);
    expect(await loading).toEqual({ added: MACHINES, removed: 0, changed: 0 });
    expect(loop.engine.table.size).toBe(MACHINES);
    expect(machine(1)).toMatchObject({ state: 'down' });
  });

  it.each([
    [false, 'up'],
    [true, 'down'],
  ])(
    'takes a status that is set before its row as if set before the load (keepChanged %s: it is %s)',
    async (keepChanged, state) => {
      const { loop, machine, setDown } = slowLoop();
      await loop.load({ type: 'load', machines: rows(null), keepChanged });
      const loading = loop.load({ type: 'load', machines: rows('new'), keepChanged });
      expect([machine(1)?.description, machine(MACHINES)?.description]).toEqual(['new', null]);
      setDown(1);
      setDown(MACHINES);
      expect(await loading).toEqual({ added: 0, removed: 0, changed: MACHINES });
      expect(machine(1)).toMatchObject({ state: 'down' });
      expect(machine(MACHINES)).toMatchObject({ description: 'new', state });
    },
  );

  it('reads a row only when it is loaded', async () => {
    const { loop } = slowLoop();
    let read = 0;
    function* reading() {
      for (const row of rows(null)) {
        read++;
        yield row;
      }
    }
    const loading = loop.load({ type: 'load', machines: reading(), keepChanged: false });
    expect(read).toBe(loop.engine.table.size);
    expect(read).toBeLessThan(MACHINES);
    await loading;
    expect(read).toBe(MACHINES);
  });

  it('removes machines without a row in slices, after the last row', async () => {
    const { loop } = slowLoop();
    await loop.load({ type: 'load', machines: rows(null), keepChanged: false });
    const loading = loop.load({ type: 'load', machines: [], keepChanged: false });
    const { size } = loop.engine.table;
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(MACHINES);
    expect(await loading).toEqual({ added: 0, removed: MACHINES, changed: 0 });
    expect(loop.engine.table.clusters).toEqual([]);
  });

  it('gives the machine list a new version with each slice', async () => {
    const { loop } = slowLoop();
    const before = loop.machinesVersion;
    const loading = loop.load({ type: 'load', machines: rows(null), keepChanged: false });
    const between = loop.machinesVersion;
    await loading;
    expect(between).toBeGreaterThan(before);
    expect(loop.machinesVersion).toBeGreaterThan(between);
  });
});
