import { ALONE } from '../../../src/service/leadership.js';
import { type Backlog, WriteBehind } from '../../../src/service/write-behind.js';
import { FakeClock } from '../../support/engine/fake-clock.js';

/** A backlog whose database accepts, rejects or delays writes. */
class Changes implements Backlog {
  readonly name = 'table';
  /** The number of changes in each write. */
  readonly writes: number[] = [];
  refuses = false;
  private changes = 0;
  private gate = Promise.resolve();

  constructor(readonly delayMs: number) {}

  add(): void {
    this.changes++;
  }

  unwritten(): number {
    return this.changes;
  }

  async write(): Promise<void> {
    const { changes } = this;
    await this.gate;
    if (this.refuses) throw new Error('away');
    this.writes.push(changes);
    this.changes -= changes;
  }

  /** Delays every write that begins from now on. Returns a function that continues them. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    return open;
  }
}

function start(delayMs = 1_000) {
  const clock = new FakeClock();
  const lines: [string, object, string][] = [];
  const quiet = () => undefined;
  const info = (fields: object, message: string) => lines.push(['info', fields, message]);
  const error = (fields: object, message: string) => lines.push(['error', fields, message]);
  const changes = new Changes(delayMs);
  const behind = new WriteBehind(changes, {
    clock,
    log: { debug: quiet, info, warn: quiet, error },
    leadership: ALONE,
  });
  const change = () => {
    changes.add();
    behind.changed();
  };
  /** Advances the time, and lets everything that it starts run. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  return { clock, lines, changes, behind, change, pass };
}

const AWAY = expect.objectContaining({ message: 'away' });

describe('a backlog', () => {
  it('is written in one batch, a delay after its first change', async () => {
    const { changes, change, pass } = start();
    change();
    await pass(999);
    change();
    expect(changes.writes).toEqual([]);
    await pass(1);
    expect(changes.writes).toEqual([2]);
    await pass(60_000);
    expect(changes.writes).toEqual([2]);
  });

  it('is written at once without a delay, and what comes during that write right after it', async () => {
    const { changes, change, pass } = start(0);
    const release = changes.hold();
    change();
    change();
    change();
    release();
    await pass(0);
    expect(changes.writes).toEqual([1, 2]);
  });

  it('waits for its delay only when a write is under way that ends before', async () => {
    const { changes, change, pass } = start();
    const release = changes.hold();
    change();
    await pass(1_000);
    change();
    release();
    await pass(999);
    expect(changes.writes).toEqual([1]);
    await pass(1);
    expect(changes.writes).toEqual([1, 1]);
  });

  it('is written at the end of a write that takes longer than the delay', async () => {
    const { changes, change, pass } = start();
    const release = changes.hold();
    change();
    await pass(1_000);
    change();
    await pass(1_000);
    expect(changes.writes).toEqual([]);
    release();
    await pass(0);
    expect(changes.writes).toEqual([1, 1]);
  });

  it('is retried at intervals that double up to 30 s, and the log says when that ends', async () => {
    const { clock, lines, changes, change, pass } = start();
    changes.refuses = true;
    change();
    for (const ms of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) await pass(ms);
    expect(clock.delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(lines.at(0)).toEqual(['error', { err: AWAY, failures: 1, unwritten: 1 }, 'table write failed; retrying']);
    changes.refuses = false;
    await pass(30_000);
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)).toEqual(['info', { failures: 7 }, 'table writes resumed']);
    change();
    expect(clock.delays.at(-1)).toBe(1_000);
  });

  it('without a delay waits for the retry too', async () => {
    const { clock, changes, change, pass } = start(0);
    changes.refuses = true;
    change();
    await pass(0);
    change();
    expect(clock.delays).toEqual([200]);
    changes.refuses = false;
    await pass(200);
    expect(changes.writes).toEqual([2]);
  });

  it('is idle when no write is under way, also when one has failed', async () => {
    const { changes, behind, change } = start(0);
    await behind.idle();
    changes.refuses = true;
    change();
    await behind.idle();
    expect(changes.unwritten()).toBe(1);
  });
});

describe('the stop', () => {
  it('writes the rest after the write under way, and starts no timer again', async () => {
    const { clock, changes, behind, change, pass } = start();
    const release = changes.hold();
    change();
    await pass(1_000);
    change();
    const stopped = behind.stop();
    release();
    await stopped;
    expect(changes.writes).toEqual([1, 1]);
    change();
    expect(clock.delays).toEqual([1_000, 1_000]);
  });

  it('fails when the rest cannot be written, and the log says how much is lost', async () => {
    const { lines, changes, behind, change } = start();
    changes.refuses = true;
    change();
    await expect(behind.stop()).rejects.toThrow('away');
    const message = 'table write failed at the stop; changes lost';
    expect(lines).toEqual([['error', { err: AWAY, unwritten: 1 }, message]]);
  });
});
