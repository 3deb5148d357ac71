import { type Notification, Registration } from '../../../../src/domain/reception.js';
import { Blocks } from '../../../../src/service/delivery/chunk-pool.js';
import { type Holder, RegistrationLog } from '../../../../src/service/delivery/registration-log.js';

const UP: Notification = { type: 'up', machineId: 2 };
const SOURCE = { ip: '127.0.0.2', port: 1 };

function log(runBytes = 10_000): RegistrationLog {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
  return new RegistrationLog('id', new Registration(1, request), null, 0, new Blocks(), runBytes);
}

function packet(frame: Buffer, receivedAt = 0): Notification {
  const fields = {
    module: 'ul',
    packetType: 1,
    version: 1,
    machineId: 2,
    protocol: 'bin',
    payloadOffset: 26,
    count: 1,
  };
  return { type: 'packet', packet: { ...fields, source: SOURCE, frame }, receivedAt };
}

/** The first and last `seq` of what follows. */
function following(told: RegistrationLog, seq: number): [number, number][] {
  return [...told.after(seq)].map((entry) => [entry.seq, entry.lastSeq]);
}

describe('the log of a registration', () => {
  it('numbers what it is told from 1, without a gap', () => {
    const told = log();
    expect([told.seq, following(told, 0)]).toEqual([0, []]);
    told.append(UP, 0);
    told.append(packet(Buffer.alloc(100)), 0);
    told.append(UP, 0);
    expect(told.seq).toBe(3);
    const each = [1, 2, 3].map((seq) => [seq, seq]);
    expect([following(told, 0), following(told, 1), following(told, 3)]).toEqual([each, each.slice(1), []]);
  });

  it('keeps packets that arrived together as one entry, until something else is told', () => {
    const told = log();
    const one = () => packet(Buffer.alloc(100));
    for (const notification of [one(), one(), UP, one(), one()]) told.append(notification, 0);
    const all = [
      [1, 2],
      [3, 3],
      [4, 5],
    ];
    expect(following(told, 0)).toEqual(all);
    expect(following(told, 1)).toEqual(all);
    expect(following(told, 4)).toEqual([[4, 5]]);
    expect([0, 1, 4, 5, 6].map((seq) => told.covers(seq))).toEqual([true, true, true, true, false]);
  });

  it('keeps them in as many entries as must be let go of one by one', () => {
    const told = log(250);
    for (let i = 0; i < 5; i++) told.append(packet(Buffer.alloc(100)), 0);
    expect(following(told, 0)).toEqual([
      [1, 2],
      [3, 4],
      [5, 5],
    ]);
  });

  it('weighs what it keeps: a packet by its frame, and every entry by a share of its own', () => {
    const told = log();
    expect(told.append(UP, 0)).toBe(200);
    expect(told.append(packet(Buffer.alloc(1000)), 0)).toBe(1200);
    expect(told.append(packet(Buffer.alloc(1000)), 0)).toBe(1000);
    expect([told.keptBytes, told.bytesAfter(0), told.bytesAfter(1), told.bytesAfter(3)]).toEqual([2400, 2400, 2200, 0]);
  });

  it('lets go of the oldest when it holds too much, sent or not, and then does not cover it', () => {
    const told = log();
    for (let i = 0; i < 10_000; i++) told.append(UP, 0);
    expect(told.shrinkTo(1000)).toBe(1_999_000);
    expect([told.keptBytes, told.seq]).toEqual([1000, 10_000]);
    expect([9994, 9995, 10_000].map((seq) => told.covers(seq))).toEqual([false, true, true]);
    expect(following(told, 9998)).toEqual([
      [9999, 9999],
      [10_000, 10_000],
    ]);
    told.append(UP, 0);
    expect([told.keptBytes, told.covers(10_000)]).toEqual([1200, true]);
  });

  it('lets go of what is old, but only as far as it was sent', () => {
    const told = log();
    for (const at of [10, 20, 30, 40]) told.append(UP, at);
    told.sentSeq = 2;
    expect(told.forgetSentBefore(20)).toBe(200);
    expect(told.forgetSentBefore(100)).toBe(200);
    told.sentSeq = 4;
    expect(told.forgetSentBefore(100)).toBe(400);
    expect([told.keptBytes, told.covers(4), told.covers(3)]).toEqual([0, true, false]);
  });

  it('wakes who holds it at every append', () => {
    const told = log();
    const holder: Holder = { appended: jest.fn(), forget: jest.fn(), replaced: jest.fn() };
    told.append(UP, 0);
    told.holder = holder;
    told.append(UP, 0);
    expect(holder.appended).toHaveBeenCalledTimes(1);
    expect(holder.appended).toHaveBeenCalledWith(told);
  });
});
