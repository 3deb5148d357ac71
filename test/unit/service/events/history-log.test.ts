import { HistoryLog, type HistoryOptions } from '../../../../src/service/events/history-log.js';
import type { HistoryEntry, HistoryFilter, HistoryStore, LastState } from '../../../../src/service/ports.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

const DAY_MS = 86_400_000;

/** A table in memory that can be taken away. */
class Table implements HistoryStore {
  rows: HistoryEntry[] = [];
  away = false;
  readonly batches: number[] = [];
  readonly purges: [number, number][] = [];

  async add(entries: readonly HistoryEntry[]): Promise<void> {
    this.reach();
    this.batches.push(entries.length);
    this.rows.push(...entries);
  }

  async newest({ before = Number.POSITIVE_INFINITY }: HistoryFilter, limit: number): Promise<HistoryEntry[]> {
    this.reach();
    const rows = this.rows.filter(({ id }) => id < before).sort((a, b) => b.id - a.id);
    return rows.slice(0, limit);
  }

  async lastStates(): Promise<LastState[]> {
    this.reach();
    return [{ clusterId: 1, machineId: 2, state: 'down' }];
  }

  async purge(olderThan: number, keep: number): Promise<number> {
    this.reach();
    this.purges.push([olderThan, keep]);
    return 0;
  }

  private reach(): void {
    if (this.away) throw new Error('away');
  }
}

function start(options: Partial<HistoryOptions> = {}, table: Table | null = new Table(), lastId = 0) {
  const clock = new FakeClock();
  const said: [object, string][] = [];
  const say = (fields: object, message: string) => said.push([fields, message]);
  const log = { debug: () => undefined, info: say, warn: say, error: say };
  const history = new HistoryLog(
    { history: table === null ? null : { store: table, lastId }, clock, log },
    { historyDays: 30, historyRows: 100_000, syncIntervalMs: 1_000, ...options },
  );
  const happen = (n: number) => {
    history.append({ kind: 'drain', clusterId: 1, machineId: n, cause: null, by: null, detail: {} });
  };
  const machines = async (filter: HistoryFilter = {}, limit = 100) =>
    (await history.newest(filter, limit)).map(({ machineId }) => machineId);
  /** Lets the timer come round, and what it starts end. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let i = 0; i < 500; i++) await Promise.resolve();
  };
  return { history, clock, said, happen, machines, pass };
}

describe('the history', () => {
  it('is written in batches, when the first entry has waited long enough', async () => {
    const table = new Table();
    const { happen, pass } = start({}, table);
    for (let n = 1; n <= 1_200; n++) happen(n);

    await pass(999);
    expect(table.batches).toEqual([]);
    await pass(1);

    expect(table.batches).toEqual([500, 500, 200]);
    expect(table.rows.map(({ machineId }) => machineId)).toEqual(Array.from({ length: 1_200 }, (_, i) => i + 1));
  });

  it('answers what is written and what is not, each once', async () => {
    const { happen, machines, pass } = start();
    happen(1);
    happen(2);
    await pass(1_000);
    happen(3);

    expect(await machines()).toEqual([3, 2, 1]);
    expect(await machines({}, 2)).toEqual([3, 2]);
    expect(await machines({ kind: 'drain', clusterId: 1, machineId: 3 }, 1)).toEqual([3]);
  });

  it('answers from memory while the table is away, and writes it all when it is back', async () => {
    const table = new Table();
    const { happen, machines, pass, said } = start({}, table);
    happen(1);
    await pass(1_000);
    table.away = true;
    happen(2);
    await pass(1_000);
    happen(3);

    expect(await machines()).toEqual([3, 2, 1]);
    table.away = false;
    await pass(2_000);

    expect(table.rows.map(({ machineId }) => machineId)).toEqual([1, 2, 3]);
    expect(said.at(-1)).toEqual([{ failures: 1, lost: 0 }, 'the history is written again']);
  });

  it('keeps the newest while the table is away for long, and says how many it lost', async () => {
    const table = new Table();
    table.away = true;
    const { happen, pass, said } = start({}, table);
    for (let n = 1; n <= 50_000; n++) happen(n);
    await pass(1_000);

    table.away = false;
    await pass(2_000);

    const lost = 50_000 - table.rows.length;
    expect(table.rows.length).toBeGreaterThanOrEqual(20_000);
    expect(table.rows.length).toBeLessThanOrEqual(22_000);
    expect(table.rows[0]?.machineId).toBe(lost + 1);
    expect(said.at(-1)).toEqual([{ failures: 1, lost }, 'the history is written again']);
  });

  it('has ids that rise over a clock that is set back, and over the last one of an earlier start', async () => {
    const table = new Table();
    const lastId = 1_900_000_000_000 * 1_024;
    const { happen, clock, history } = start({}, table, lastId);
    happen(1);
    clock.jumpWall(-DAY_MS);
    happen(2);
    happen(3);

    const ids = (await history.newest({}, 9)).map(({ id }) => id).reverse();

    expect([lastId, ...ids]).toEqual([...new Set([lastId, ...ids])].sort((a, b) => a - b));
    expect(ids.every(Number.isSafeInteger)).toBe(true);
  });

  it('has the table looked through for what is too old, at first and after every thousand entries', async () => {
    const table = new Table();
    const { happen, pass, clock } = start({ historyDays: 2, historyRows: 77 }, table);
    happen(1);
    await pass(1_000);
    happen(2);
    await pass(1_000);
    expect(table.purges).toEqual([[clock.now().unixMs - 1_000 - 2 * DAY_MS, 77]]);

    for (let n = 0; n < 1_000; n++) happen(n);
    await pass(1_000);
    expect(table.purges).toHaveLength(2);
  });

  it('answers nothing older than it goes back', async () => {
    const { happen, machines, clock } = start({ historyDays: 1 }, null);
    happen(1);
    clock.advance(DAY_MS - 1);
    happen(2);
    expect(await machines()).toEqual([2, 1]);
    clock.advance(2);
    expect(await machines()).toEqual([2]);
  });

  it('is in memory, and no longer than asked for, without a table', async () => {
    const { happen, machines, history } = start({ historyRows: 5 }, null);
    for (let n = 1; n <= 99; n++) happen(n);
    expect(await machines()).toEqual([99, 98, 97, 96, 95]);
    await history.stop();
  });

  it('is not made with 0 rows', async () => {
    const { happen, machines, clock } = start({ historyRows: 0 });
    happen(1);
    expect(await machines()).toEqual([]);
    expect(clock.delays).not.toContain(1_000);
  });

  it('says how the machines were last, and nothing where it is not kept or cannot be read', async () => {
    const table = new Table();
    const last = [{ clusterId: 1, machineId: 2, state: 'down' }];
    expect(await start({}, table).history.lastStates()).toEqual(last);
    expect(await start({ historyRows: 0 }, table).history.lastStates()).toEqual([]);
    expect(await start({}, null).history.lastStates()).toEqual([]);
    table.away = true;
    const { history, said } = start({}, table);
    expect(await history.lastStates()).toEqual([]);
    expect(said[0]?.[1]).toContain('it will not say which machines this start has changed');
  });

  it('writes the rest when it stops, and stops also when that fails', async () => {
    const table = new Table();
    const first = start({}, table);
    first.happen(1);
    await first.history.stop();
    expect(table.rows).toHaveLength(1);

    table.away = true;
    const second = start({}, table);
    second.happen(2);
    await second.history.stop();
    expect(second.said[0]?.[1]).toContain('could not be written before the stop');
  });
});
