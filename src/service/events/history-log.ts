import { randomInt } from 'node:crypto';
import type { Clock, Log } from '../../ground/ports.js';
import { retryDelayMs } from '../../ground/retry-delay.js';
import { withTimeout } from '../../ground/with-timeout.js';
import type { HistoryEntry, HistoryFilter, HistoryStore, LastState } from '../ports.js';

export interface HistoryOptions {
  /** How old an entry may become. */
  readonly historyDays: number;
  /** How many there may be; 0: none are made. */
  readonly historyRows: number;
  /** How long an entry may wait before it is written. */
  readonly syncIntervalMs: number;
}

/** Entries in memory, written or not: what may wait for the database, and what answers in its place while it is away. */
const MOST_IN_MEMORY = 20_000;

/** Entries in one insert: the event loop waits while it is put together. */
const ROWS_AT_ONCE = 500;

/** Entries after which the table is looked through for those that have to go. */
const PURGE_EVERY = 1_000;

/** How long a reader waits for the table before memory answers. */
const READ_WAIT_MS = 2_000;

const DAY_MS = 86_400_000;

/** An id is a tick of about a millisecond and a number of this process, so that two services on one table rarely meet. */
const IDS_PER_TICK = 1_024;

/** What happened: in memory at once, in the table in batches. Without a store it is in memory only. */
export class HistoryLog {
  /** By ascending id. */
  private entries: HistoryEntry[] = [];
  /** How many of the oldest entries are written. */
  private written = 0;
  /** Entries that memory had no room for before the database was back. */
  private lost = 0;
  private unpurged = PURGE_EVERY;
  private failures = 0;
  private cancelTimer: (() => void) | null = null;
  private flushing: Promise<void> | null = null;
  private stopped = false;
  private readonly own = randomInt(IDS_PER_TICK);
  private lastTick: number;

  constructor(
    private readonly ports: {
      readonly history: { readonly store: HistoryStore; readonly lastId: number } | null;
      readonly clock: Clock;
      readonly log: Log;
    },
    private readonly options: HistoryOptions,
  ) {
    this.lastTick = Math.floor((ports.history?.lastId ?? 0) / IDS_PER_TICK);
  }

  append(happened: Omit<HistoryEntry, 'id' | 'at'>): void {
    if (this.options.historyRows === 0) return;
    const at = this.ports.clock.now().unixMs;
    // Also when the clock is set back, and when many come at once.
    this.lastTick = Math.max(this.lastTick + 1, at);
    this.entries.push({ id: this.lastTick * IDS_PER_TICK + this.own, at, ...happened });
    const most = this.ports.history === null ? Math.min(this.options.historyRows, MOST_IN_MEMORY) : MOST_IN_MEMORY;
    // By the tenth: cutting off one by one would move all the others each time.
    if (this.entries.length > most + most / 10) this.drop(this.entries.length - most);
    this.arm();
  }

  /** The newest that pass the filter, at most `limit`. While the database is away, those in memory. */
  async newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]> {
    const oldest = this.ports.clock.now().unixMs - this.options.historyDays * DAY_MS;
    const asked = { ...filter, since: Math.max(filter.since ?? oldest, oldest) };
    // Before the table is asked: what is written meanwhile is then in both.
    const inMemory = this.entries;
    const unwritten = inMemory.slice(this.written);
    const stored = await this.stored(asked, limit);
    const there = new Set(stored?.map(({ id }) => id));
    const more = newestOf(stored === null ? inMemory : unwritten, asked, limit).filter(({ id }) => !there.has(id));
    return [...more, ...(stored ?? [])].sort((a, b) => b.id - a.id).slice(0, limit);
  }

  /** How the machines were when the service stopped, as far as the table says; nothing where it cannot be read. */
  async lastStates(): Promise<readonly LastState[]> {
    const { history, log } = this.ports;
    if (history === null || this.options.historyRows === 0) return [];
    return history.store.lastStates().catch((error: unknown) => {
      log.warn({ err: error }, 'the history could not be read; it will not say which machines this start has changed');
      return [];
    });
  }

  /** Writes the rest, once. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await this.flushing;
    try {
      await this.write();
    } catch (error) {
      const fields = { err: error, entries: this.entries.length - this.written };
      this.ports.log.warn(fields, 'the end of the history could not be written before the stop; it is lost');
    }
  }

  /** Null when the table cannot answer, or there is none. */
  private async stored(filter: HistoryFilter, limit: number): Promise<HistoryEntry[] | null> {
    const { history, clock } = this.ports;
    if (history === null) return null;
    const answer = history.store.newest(filter, limit).catch((error: unknown) => {
      this.ports.log.warn({ err: error }, 'the history could not be read; memory answers');
      return null;
    });
    return (await withTimeout(clock, READ_WAIT_MS, answer)) ?? null;
  }

  private drop(count: number): void {
    this.entries = this.entries.slice(count);
    if (this.ports.history !== null) this.lost += Math.max(0, count - this.written);
    this.written = Math.max(0, this.written - count);
  }

  private arm(): void {
    if (this.cancelTimer !== null || this.flushing !== null || this.stopped || this.ports.history === null) return;
    this.cancelTimer = this.ports.clock.after(retryDelayMs(this.options.syncIntervalMs, this.failures), () => {
      this.cancelTimer = null;
      this.flushing = this.flush().finally(() => {
        this.flushing = null;
        if (this.written < this.entries.length) this.arm();
      });
    });
  }

  private async flush(): Promise<void> {
    try {
      await this.write();
      await this.purge();
      if (this.failures > 0) {
        const fields = { failures: this.failures, lost: this.lost };
        this.ports.log.info(fields, 'the history is written again');
      }
      this.failures = 0;
      this.lost = 0;
    } catch (error) {
      this.failures++;
      const fields = { err: error, failures: this.failures, lost: this.lost };
      this.ports.log.error(fields, 'the history could not be written; will try again');
    }
  }

  private async write(): Promise<void> {
    while (this.written < this.entries.length && this.ports.history !== null) {
      const some = this.entries.slice(this.written, this.written + ROWS_AT_ONCE);
      await this.ports.history.store.add(some);
      this.unpurged += some.length;
      // The oldest may have been dropped meanwhile.
      const last = some.at(-1)?.id ?? 0;
      while ((this.entries[this.written]?.id ?? Number.POSITIVE_INFINITY) <= last) this.written++;
    }
  }

  private async purge(): Promise<void> {
    if (this.unpurged < PURGE_EVERY || this.ports.history === null) return;
    const { historyDays, historyRows } = this.options;
    const oldest = this.ports.clock.now().unixMs - historyDays * DAY_MS;
    const purged = await this.ports.history.store.purge(oldest, historyRows);
    this.unpurged = 0;
    if (purged > 0) this.ports.log.debug({ entries: purged }, 'old entries of the history are gone');
  }
}

/** By descending id. @param entries by ascending id */
function newestOf(entries: readonly HistoryEntry[], filter: HistoryFilter, limit: number): HistoryEntry[] {
  const found: HistoryEntry[] = [];
  for (let index = entries.length - 1; index >= 0 && found.length < limit; index--) {
    const entry = entries[index];
    if (entry !== undefined && passes(entry, filter)) found.push(entry);
  }
  return found;
}

function passes(entry: HistoryEntry, { clusterId, machineId, kind, since, until, before }: HistoryFilter): boolean {
  return (
    (clusterId === undefined || entry.clusterId === clusterId) &&
    (machineId === undefined || entry.machineId === machineId) &&
    (kind === undefined || entry.kind === kind) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until) &&
    (before === undefined || entry.id < before)
  );
}
