import type { MachineRow } from '../../../src/service/ports/machine-store.js';
import { packRows, unpackRows } from '../../../src/storage/sqlite/packed-rows.js';

function rowOf(machineId: number): MachineRow {
  return {
    clustererId: machineId,
    clusterId: 1,
    machineId,
    state: 1,
    url: `bin:127.0.0.2:${machineId}`,
    description: machineId % 2 === 0 ? 'even' : '',
    failedAttempts: 3,
    lastAttempt: 0,
    duration: 30,
    noTries: 0,
  };
}

describe('a loaded table', () => {
  const rows = Array.from({ length: 1_001 }, (_, index) => rowOf(index + 1));

  it('is the same after its way between threads', async () => {
    const table = {
      rows,
      skipped: [{ clustererId: 7, field: 'state', reason: 'not an integer' }],
      nullDescriptions: 2,
    };
    const message = structuredClone(packRows(table));
    expect(await unpackRows(message)).toEqual(table);
  });

  it('lets the event loop continue after each part', async () => {
    const packed = packRows({ rows, skipped: [] });
    let turns = 0;
    const turn = () => {
      turns++;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    await unpackRows(packed);
    clearImmediate(immediate);
    expect(packed.parts.length).toBe(6);
    expect(turns).toBeGreaterThanOrEqual(packed.parts.length - 1);
  });

  it('may be empty', async () => {
    expect(await unpackRows(packRows({ rows: [], skipped: [] }))).toEqual({ rows: [], skipped: [] });
  });
});
