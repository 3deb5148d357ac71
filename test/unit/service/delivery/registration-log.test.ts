import { type Notification, Registration } from '../../../../src/domain/reception.js';
import { ChunkPool } from '../../../../src/service/delivery/chunk-pool.js';
import { RegistrationLog, type Subscriber } from '../../../../src/service/delivery/registration-log.js';
import { runOfBytes } from '../../../support/peers/runs.js';

const UP: Notification = { type: 'up', machineId: 2 };

function createLog(runBytes = 10_000): RegistrationLog {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
  return new RegistrationLog('id', new Registration(1, request), null, 0, new ChunkPool(), runBytes);
}

function packet(frame: Buffer, receivedAt = 0): Notification {
  return { type: 'packets', run: runOfBytes(frame), receivedAt };
}

/** The first and last `seq` of each entry after `seq`. */
function following(log: RegistrationLog, seq: number): [number, number][] {
  return [...log.after(seq)].map((entry) => [entry.seq, entry.lastSeq]);
}

describe('the log of a registration', () => {
  it('numbers notifications from 1, without a gap', () => {
    const log = createLog();
    expect([log.seq, following(log, 0)]).toEqual([0, []]);
    log.append(UP, 0);
    log.append(packet(Buffer.alloc(100)), 0);
    log.append(UP, 0);
    expect(log.seq).toBe(3);
    const each = [1, 2, 3].map((seq) => [seq, seq]);
    expect([following(log, 0), following(log, 1), following(log, 3)]).toEqual([each, each.slice(1), []]);
  });

  it('keeps packets that arrived together as one entry, until another notification comes', () => {
    const log = createLog();
    const one = () => packet(Buffer.alloc(100));
    for (const notification of [one(), one(), UP, one(), one()]) log.append(notification, 0);
    const all = [
      [1, 2],
      [3, 3],
      [4, 5],
    ];
    expect(following(log, 0)).toEqual(all);
    expect(following(log, 1)).toEqual(all);
    expect(following(log, 4)).toEqual([[4, 5]]);
    expect([0, 1, 4, 5, 6].map((seq) => log.covers(seq))).toEqual([true, true, true, true, false]);
  });

  it('starts another entry when a run would be longer than its limit', () => {
    const log = createLog(250);
    for (let i = 0; i < 5; i++) log.append(packet(Buffer.alloc(100)), 0);
    expect(following(log, 0)).toEqual([
      [1, 2],
      [3, 4],
      [5, 5],
    ]);
  });

  it('counts the bytes of frames, and an overhead for each entry', () => {
    const log = createLog();
    expect(log.append(UP, 0)).toBe(200);
    expect(log.append(packet(Buffer.alloc(1000)), 0)).toBe(1200);
    expect(log.append(packet(Buffer.alloc(1000)), 0)).toBe(1000);
    expect([log.keptBytes, log.bytesAfter(0), log.bytesAfter(1), log.bytesAfter(3)]).toEqual([2400, 2400, 2200, 0]);
  });

  it('evicts the oldest entries, sent or not, and then does not cover them', () => {
    const log = createLog();
    for (let i = 0; i < 10_000; i++) log.append(UP, 0);
    expect(log.evictTo(1000)).toBe(1_999_000);
    expect([log.keptBytes, log.seq]).toEqual([1000, 10_000]);
    expect([9994, 9995, 10_000].map((seq) => log.covers(seq))).toEqual([false, true, true]);
    expect(following(log, 9998)).toEqual([
      [9999, 9999],
      [10_000, 10_000],
    ]);
    log.append(UP, 0);
    expect([log.keptBytes, log.covers(10_000)]).toEqual([1200, true]);
  });

  it('expires old entries, but only those that were sent', () => {
    const log = createLog();
    for (const at of [10, 20, 30, 40]) log.append(UP, at);
    log.sentSeq = 2;
    expect(log.expireSentBefore(20)).toBe(200);
    expect(log.expireSentBefore(100)).toBe(200);
    log.sentSeq = 4;
    expect(log.expireSentBefore(100)).toBe(400);
    expect([log.keptBytes, log.covers(4), log.covers(3)]).toEqual([0, true, false]);
  });

  it('notifies its subscriber of every append', () => {
    const log = createLog();
    const subscriber: Subscriber = {
      isClosed: false,
      appended: jest.fn(),
      follow: jest.fn(),
      unfollow: jest.fn(),
      replaced: jest.fn(),
    };
    log.append(UP, 0);
    log.subscriber = subscriber;
    log.append(UP, 0);
    expect(subscriber.appended).toHaveBeenCalledTimes(1);
    expect(subscriber.appended).toHaveBeenCalledWith(log);
  });
});
