import fc from 'fast-check';
import { type Notification, Registration } from '../../src/domain/reception.js';
import type { RegistrationLog } from '../../src/service/delivery/registration-log.js';
import { Retention } from '../../src/service/delivery/retention.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { functionCalls } from '../support/engine/function-calls.js';
import { runOfBytes } from '../support/peers/runs.js';

const TOTAL_BYTES = 20_000;

function packet(bytes: number): Notification {
  return { type: 'packets', run: runOfBytes(Buffer.alloc(bytes)), receivedAt: 0 };
}

/** What logs kept when one of them was evicted. */
interface Eviction {
  readonly evicted: number;
  readonly largest: number;
  readonly total: number;
}

/** Records every eviction of one of these logs. */
function observe(logs: readonly RegistrationLog[]): readonly Eviction[] {
  const evictions: Eviction[] = [];
  for (const log of logs) {
    const evictTo = log.evictTo.bind(log);
    log.evictTo = (bytes) => {
      const kept = logs.map(({ keptBytes }) => keptBytes);
      if (bytes > 0) evictions.push({ evicted: log.keptBytes, largest: Math.max(...kept), total: sum(kept) });
      return evictTo(bytes);
    };
  }
  return evictions;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function retentionOf(count: number, replayTotalBytes: number) {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
  const byNumber = new Map<number, RegistrationLog>();
  // So runs have at most 1,000 bytes.
  const options = { replayBytes: 16_000, replaySeconds: 30, replayTotalBytes };
  const retention = new Retention(byNumber, new FakeClock(), options);
  for (let number = 0; number < count; number++) {
    const registration = new Registration(number, request);
    byNumber.set(number, retention.createLog(String(number), registration, null, 0));
  }
  return { retention, logs: [...byNumber.values()] };
}

const steps = fc.array(
  fc.record({
    log: fc.nat({ max: 7 }),
    act: fc.oneof(
      { arbitrary: fc.integer({ min: 30, max: 9_000 }).map((bytes) => ({ bytes })), weight: 9 },
      { arbitrary: fc.constant('drop' as const), weight: 1 },
    ),
  }),
  { maxLength: 200 },
);

describe('what all registrations keep together', () => {
  it('stays within its limit by halving a log that keeps more than half as much as the largest', () => {
    let count = 0;
    fc.assert(
      fc.property(steps, (acts) => {
        const { retention, logs } = retentionOf(8, TOTAL_BYTES);
        const evictions = observe(logs);
        for (const { log: index, act } of acts) {
          const log = logs[index] as RegistrationLog;
          if (act === 'drop') retention.drop(log);
          else retention.append(log, packet(act.bytes), 0);
          expect(sum(logs.map(({ keptBytes }) => keptBytes))).toBeLessThanOrEqual(TOTAL_BYTES);
        }
        for (const { evicted, largest, total } of evictions) {
          count++;
          expect(total).toBeGreaterThan(TOTAL_BYTES);
          expect(2 * evicted).toBeGreaterThan(largest);
        }
      }),
    );
    expect(count).toBeGreaterThan(0);
  });

  it('makes an append no slower with a thousand times as many registrations', () => {
    const callsToAppend = (count: number) => {
      // Full: each keeps one packet of 1,000 bytes and 200 bytes of overhead.
      const { retention, logs } = retentionOf(count, count * 1_200);
      for (const log of logs) retention.append(log, packet(1_000), 0);
      return functionCalls(() => {
        for (const log of logs.slice(0, 10)) retention.append(log, packet(1_000), 0);
      });
    };
    expect(callsToAppend(10_000)).toBeLessThanOrEqual(2 * callsToAppend(10));
  });
});
