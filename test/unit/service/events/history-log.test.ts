import { HistoryLog, type HistoryOptions } from '../../../../src/service/events/history-log.js';
import { ALONE } from '../../../../src/service/leadership.js';
import type {
  HistoryEntry,
  HistoryFilter,
  HistoryStore,
  LastState,
} from '../../../../src/service/ports/history-store.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

const DAY_MS = 86_400_000;

/** A table in memory that can become unavailable. */
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
  const lines: [object, string][] = [];
  const note = (fields: object, message: string) => lines.push([fields, message]);
  const log = { debug: () => undefined, info: note, warn: note, error: note };
  const history = new HistoryLog(
    { history: table === null ? null : { store: table, lastId }, clock, log, leadership: ALONE },
    { historyDays: 30, historyRows: 100_000, syncIntervalMs: 1_000, ...options },
  );
  const append = (n: number) => {
    history.append({ kind: 'drain', clusterId: 1, machineId: n, cause: null, by: null, detail: {} });
  };
  const machines = async (filter: HistoryFilter = {}, limit = 100) =>
    (await history.newest(filter, limit)).map(({ machineId }) => machineId);
  /** Advances the time, and waits for everything that it starts. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let i = 0; i < 500; i++) await Promise.resolve();
  };
  return { history, clock, lines, append, machines, pass };
}

describe('the history', () => {
  it('is written in batches, an interval after the first entry', async () => {
    const table = new Table();
    const { append, pass } = start({}, table);
    for (let n = 1; n <= 1_200; n++) append(n);

    await pass(999);
    expect(table.batches).toEqual([]);
    await pass(1);

    expect(table.batches).toEqual([500, 500, 200]);
    expect(table.rows.map(({ machineId }) => machineId)).toEqual(Array.from({ length: 1_200 }, (_, i) => i + 1));
  });

  it('returns written and unwritten entries, each once', async () => {
    const { append, machines, pass } = start();
    append(1);
    append(2);
    await pass(1_000);
    append(3);

    expect(await machines()).toEqual([3, 2, 1]);
    expect(await machines({}, 2)).toEqual([3, 2]);
    expect(await machines({ kind: 'drain', clusterId: 1, machineId: 3 }, 1)).toEqual([3]);
  });

  it('is read from memory while the table is unavailable, and all of it is written later', async () => {
    const table = new Table();
    const { append, machines, pass, lines } = start({}, table);
    append(1);
    await pass(1_000);
    table.away = true;
    append(2);
    await pass(1_000);
    append(3);

    expect(await machines()).toEqual([3, 2, 1]);
    table.away = false;
    await pass(2_000);

    expect(table.rows.map(({ machineId }) => machineId)).toEqual([1, 2, 3]);
    expect(lines.at(-1)).toEqual([{ failures: 1 }, 'history writes resumed']);
  });

  it('keeps the newest entries during a long outage, and the log says how many are lost', async () => {
    const table = new Table();
    table.away = true;
    const { append, pass, lines } = start({}, table);
    for (let n = 1; n <= 50_000; n++) append(n);
    await pass(1_000);

    table.away = false;
    await pass(2_000);

    const lost = 50_000 - table.rows.length;
    expect(table.rows.length).toBeGreaterThanOrEqual(20_000);
    expect(table.rows.length).toBeLessThanOrEqual(22_000);
    expect(table.rows[0]?.machineId).toBe(lost + 1);
    expect(lines.at(-2)).toEqual([{ entries: lost }, 'history entries lost: too many during the outage']);
    expect(lines.at(-1)).toEqual([{ failures: 1 }, 'history writes resumed']);
  });

  it('has ids that rise when the clock is set back, and after a restart', async () => {
    const table = new Table();
    const lastId = 1_900_000_000_000 * 1_024;
    const { append, clock, history } = start({}, table, lastId);
    append(1);
    clock.jumpWall(-DAY_MS);
    append(2);
    append(3);

    const ids = (await history.newest({}, 9)).map(({ id }) => id).reverse();

    expect([lastId, ...ids]).toEqual([...new Set([lastId, ...ids])].sort((a, b) => a - b));
    expect(ids.every(Number.isSafeInteger)).toBe(true);
  });

  it('is purged after the first write, and after every thousand entries', async () => {
    const table = new Table();
    const { append, pass, clock } = start({ historyDays: 2, historyRows: 77 }, table);
    append(1);
    await pass(1_000);
    append(2);
    await pass(1_000);
    expect(table.purges).toEqual([[clock.now().unixMs - 1_000 - 2 * DAY_MS, 77]]);

    for (let n = 0; n < 1_000; n++) append(n);
    await pass(1_000);
    expect(table.purges).toHaveLength(2);
  });

  it('returns no entry older than its days', async () => {
    const { append, machines, clock } = start({ historyDays: 1 }, null);
    append(1);
    clock.advance(DAY_MS - 1);
    append(2);
    expect(await machines()).toEqual([2, 1]);
    clock.advance(2);
    expect(await machines()).toEqual([2]);
  });

  it('without a table is in memory, up to its number of rows', async () => {
    const { append, machines, history } = start({ historyRows: 5 }, null);
    for (let n = 1; n <= 99; n++) append(n);
    expect(await machines()).toEqual([99, 98, 97, 96, 95]);
    await history.stop();
  });

  it('has no entries with 0 rows', async () => {
    const { append, machines, clock } = start({ historyRows: 0 });
    append(1);
    expect(await machines()).toEqual([]);
    expect(clock.delays).not.toContain(1_000);
  });

  it('returns the last states of the machines, and none where there is no history or it cannot be read', async () => {
    const table = new Table();
    const last = [{ clusterId: 1, machineId: 2, state: 'down' }];
    expect(await start({}, table).history.lastStates()).toEqual(last);
    expect(await start({ historyRows: 0 }, table).history.lastStates()).toEqual([]);
    expect(await start({}, null).history.lastStates()).toEqual([]);
    table.away = true;
    const { history, lines } = start({}, table);
    expect(await history.lastStates()).toEqual([]);
    expect(lines[0]?.[1]).toBe('history read failed; state changes during the downtime are not recorded');
  });

  it('writes the rest at the stop, without a purge, and stops even when that fails', async () => {
    const table = new Table();
    const first = start({}, table);
    first.append(1);
    await first.history.stop();
    expect(table.rows).toHaveLength(1);
    expect(table.purges).toEqual([]);

    table.away = true;
    const second = start({}, table);
    second.append(2);
    await second.history.stop();
    expect(second.lines[0]?.[1]).toBe('history write failed at the stop; changes lost');
  });
});
