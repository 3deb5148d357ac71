import { withTimeout } from '../../ground/with-timeout.js';
import type { HistoryEntry, HistoryFilter, HistoryStore, LastState } from '../ports/history-store.js';
import { TickIds } from '../tick-ids.js';
import { WriteBehind, type WritePorts } from '../write-behind.js';
import { newestOf } from './history-filter.js';

export interface HistoryOptions {
  /** Older entries are removed. */
  readonly historyDays: number;
  /** The largest number of entries; 0: no history. */
  readonly historyRows: number;
  /** How long an entry may wait before it is written. */
  readonly syncIntervalMs: number;
}

/** Entries in memory, written or not. They are served while the database is unavailable. */
const MOST_IN_MEMORY = 20_000;

/** Entries in one insert: building it blocks the event loop. */
const ROWS_AT_ONCE = 500;

/** Entries written between two purges. */
const PURGE_EVERY = 1_000;

/** How long a reader waits for the table before it gets the entries in memory. */
const READ_WAIT_MS = 2_000;

const DAY_MS = 86_400_000;

/** For how long a replica that does not lead keeps entries: a new leader writes what the one before it has not written. */
const KEPT_MS = 15_000;

/**
 * The history: in memory at once, in the table in batches. Without a store it is in memory only.
 * Every replica has the newest entries in memory, with the same ids, because these follow from the log; the leader writes them.
 */
export class HistoryLog {
  /** By ascending id. */
  private entries: HistoryEntry[] = [];
  /** How many of the oldest entries are written. */
  private written = 0;
  /** Unwritten entries that memory had no room for. */
  private lost = 0;
  private unpurged = PURGE_EVERY;
  private readonly writeBehind: WriteBehind;
  private readonly ids: TickIds;

  constructor(
    private readonly ports: WritePorts & {
      readonly history: { readonly store: HistoryStore; readonly lastId: number } | null;
    },
    private readonly options: HistoryOptions,
  ) {
    const { isReplica } = ports.leadership;
    this.ids = isReplica ? TickIds.ofLog() : TickIds.ofProcess();
    // Replicas start at different times. The time of their log, and so their ids, rises by itself.
    if (!isReplica) this.ids.startAfter(ports.history?.lastId ?? 0);
    const unwritten = () => this.entries.length - this.written;
    const write = () => this.write();
    this.writeBehind = new WriteBehind({ name: 'history', delayMs: options.syncIntervalMs, unwritten, write }, ports);
  }

  append(entry: Omit<HistoryEntry, 'id' | 'at'>): void {
    if (this.options.historyRows === 0) return;
    const { history, clock } = this.ports;
    const at = clock.now().unixMs;
    this.entries.push({ id: this.ids.next(at), at, ...entry });
    if (history !== null && !this.ports.leadership.isLeading) {
      this.dropWritten(at - KEPT_MS);
      return;
    }
    const most = history === null ? Math.min(this.options.historyRows, MOST_IN_MEMORY) : MOST_IN_MEMORY;
    // A tenth at a time: dropping single entries would move all the others each time.
    if (this.entries.length > most + most / 10) this.drop(this.entries.length - most);
    if (history !== null) this.writeBehind.changed();
  }

  /** The newest entries that pass the filter, at most `limit`. While the database is unavailable, those in memory. */
  async newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]> {
    const oldest = this.ports.clock.now().unixMs - this.options.historyDays * DAY_MS;
    const wanted = { ...filter, since: Math.max(filter.since ?? oldest, oldest) };
    // Taken before the query: what is written meanwhile is then in both.
    const inMemory = this.entries;
    const unwritten = inMemory.slice(this.written);
    const stored = await this.stored(wanted, limit);
    const ids = new Set(stored?.map(({ id }) => id));
    const more = newestOf(stored === null ? inMemory : unwritten, wanted, limit).filter(({ id }) => !ids.has(id));
    return [...more, ...(stored ?? [])].sort((a, b) => b.id - a.id).slice(0, limit);
  }

  /** The states of the machines when the service stopped, as far as the table has them; empty when it cannot be read. */
  async lastStates(): Promise<readonly LastState[]> {
    const { history, log } = this.ports;
    if (history === null || this.options.historyRows === 0) return [];
    return history.store.lastStates().catch((error: unknown) => {
      log.warn({ err: error }, 'history read failed; state changes during the downtime are not recorded');
      return [];
    });
  }

  /** This replica leads from now on. The table may have some of the entries already. */
  lead(): void {
    this.writeBehind.changed();
  }

  /** Writes the rest, once. A failure is in the log. */
  async stop(): Promise<void> {
    // The next start purges.
    this.unpurged = 0;
    await this.writeBehind.stop().catch(() => undefined);
  }

  /** Null when the table cannot be read in time, or there is none. */
  private async stored(filter: HistoryFilter, limit: number): Promise<HistoryEntry[] | null> {
    const { history, clock, log } = this.ports;
    if (history === null) return null;
    const read = history.store.newest(filter, limit).catch((error: unknown) => {
      log.warn({ err: error }, 'history read failed; serving the entries in memory');
      return null;
    });
    return (await withTimeout(clock, READ_WAIT_MS, read)) ?? null;
  }

  /** Drops entries that are older than `before`: the leader has written them. A second's worth at a time. */
  private dropWritten(before: number): void {
    const oldest = this.entries[0];
    if (oldest === undefined || oldest.at > before - 1_000) return;
    const kept = this.entries.filter(({ at }) => at > before);
    this.written = Math.max(0, this.written - (this.entries.length - kept.length));
    this.entries = kept;
  }

  private drop(count: number): void {
    this.entries = this.entries.slice(count);
    if (this.ports.history !== null) this.lost += Math.max(0, count - this.written);
    this.written = Math.max(0, this.written - count);
  }

  private async write(): Promise<void> {
    const { history, log } = this.ports;
    if (history === null || this.written === this.entries.length) return;
    while (this.written < this.entries.length) {
      const some = this.entries.slice(this.written, this.written + ROWS_AT_ONCE);
      await history.store.add(some);
      this.unpurged += some.length;
      // The oldest may have been dropped meanwhile.
      const last = some.at(-1)?.id ?? 0;
      while ((this.entries[this.written]?.id ?? Number.POSITIVE_INFINITY) <= last) this.written++;
    }
    if (this.lost > 0) log.warn({ entries: this.lost }, 'history entries lost: too many during the outage');
    this.lost = 0;
    if (this.unpurged >= PURGE_EVERY) await this.purge(history.store);
  }

  private async purge(store: HistoryStore): Promise<void> {
    const { historyDays, historyRows } = this.options;
    const oldest = this.ports.clock.now().unixMs - historyDays * DAY_MS;
    const purged = await store.purge(oldest, historyRows);
    this.unpurged = 0;
    if (purged > 0) this.ports.log.debug({ entries: purged }, 'old history entries removed');
  }
}
