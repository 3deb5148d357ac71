import fc from 'fast-check';
import { type Notification, Registration } from '../../src/domain/reception.js';
import { RegistrationLog } from '../../src/service/delivery/registration-log.js';
import { Replay } from '../../src/service/delivery/retention.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { functionCalls } from '../support/engine/function-calls.js';

const TOTAL_BYTES = 20_000;
const PACKET = {
  module: 'ul',
  packetType: 1,
  version: 1,
  machineId: 2,
  protocol: 'bin',
  payloadOffset: 26,
  count: 1,
  source: { ip: '127.0.0.2', port: 1 },
};

function packet(bytes: number): Notification {
  return { type: 'packet', packet: { ...PACKET, frame: Buffer.alloc(bytes) }, receivedAt: 0 };
}

interface Loss {
  readonly loser: number;
  readonly largest: number;
  readonly total: number;
}

/** Says of each time that a log is made smaller what all of them kept at that moment. */
class ObservedLog extends RegistrationLog {
  others: readonly RegistrationLog[] = [];
  losses: Loss[] = [];

  override shrinkTo(bytes: number): number {
    const kept = this.others.map(({ keptBytes }) => keptBytes);
    if (bytes > 0) this.losses.push({ loser: this.keptBytes, largest: Math.max(...kept), total: sum(kept) });
    return super.shrinkTo(bytes);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function replayOf(count: number, replayTotalBytes: number) {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
  const byNumber = new Map<number, ObservedLog>();
  const options = { replayBytes: 2 ** 25, replaySeconds: 30, replayTotalBytes };
  const replay = new Replay(byNumber, new FakeClock(), options);
  for (let number = 0; number < count; number++) {
    const registration = new Registration(number, request);
    byNumber.set(number, new ObservedLog(String(number), registration, null, 0, replay.blocks, 1_000));
  }
  return { replay, logs: [...byNumber.values()] };
}

const steps = fc.array(
  fc.record({
    log: fc.nat({ max: 7 }),
    act: fc.oneof(
      { arbitrary: fc.integer({ min: 30, max: 9_000 }).map((bytes) => ({ bytes })), weight: 9 },
      { arbitrary: fc.constant('forget' as const), weight: 1 },
    ),
  }),
  { maxLength: 200 },
);

describe('what all registrations keep together', () => {
  it('stays within its bound: while it is more, one gives half that keeps more than half as much as the largest', () => {
    let losses = 0;
    fc.assert(
      fc.property(steps, (acts) => {
        const { replay, logs } = replayOf(8, TOTAL_BYTES);
        for (const log of logs) log.others = logs;
        for (const { log: index, act } of acts) {
          const log = logs[index] as ObservedLog;
          if (act === 'forget') replay.forget(log);
          else replay.append(log, packet(act.bytes));
          expect(sum(logs.map(({ keptBytes }) => keptBytes))).toBeLessThanOrEqual(TOTAL_BYTES);
        }
        for (const { loser, largest, total } of logs.flatMap((log) => log.losses)) {
          losses++;
          expect(total).toBeGreaterThan(TOTAL_BYTES);
          expect(2 * loser).toBeGreaterThan(largest);
        }
      }),
    );
    expect(losses).toBeGreaterThan(0);
  });

  it('costs an append no more when a thousand times as many registrations keep something', () => {
    const callsToAppend = (count: number) => {
      // Full: each keeps one packet of 1,000 bytes and the 200 of its entry.
      const { replay, logs } = replayOf(count, count * 1_200);
      for (const log of logs) replay.append(log, packet(1_000));
      return functionCalls(() => {
        for (const log of logs.slice(0, 10)) replay.append(log, packet(1_000));
      });
    };
    expect(callsToAppend(10_000)).toBeLessThanOrEqual(2 * callsToAppend(10));
  });
});
