import type { Notification } from '../../../src/domain/reception.js';
import { RegistrationLog } from '../../../src/service/registration-log.js';

const UP: Notification = { type: 'up', machineId: 2 };

function log(): RegistrationLog {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
  const counts = { watches: new Map(), packets: 0, dropped: 0, unknownSource: 0 };
  return new RegistrationLog('id', { ...request, ...counts, number: 1 }, 0);
}

function packet(bytes: number): Notification {
  const source = { ip: '127.0.0.2', port: 1 };
  const fields = { module: 'ul', packetType: 1, version: 1, machineId: 2, protocol: 'bin', payloadOffset: 26 };
  return { type: 'packet', packet: { ...fields, source, frame: Buffer.alloc(bytes) }, receivedAt: 0 };
}

describe('the log of a registration', () => {
  it('numbers what it is told from 1, without a gap', () => {
    const told = log();
    expect([told.seq, told.after(0)]).toEqual([0, undefined]);
    told.append(UP);
    told.append(packet(100));
    expect(told.seq).toBe(2);
    expect([told.after(0)?.seq, told.after(1)?.seq, told.after(2)]).toEqual([1, 2, undefined]);
    expect(told.after(0)?.notification).toBe(UP);
  });

  it('lets several readers be at different places', () => {
    const told = log();
    for (let i = 0; i < 5; i++) told.append(UP);
    expect([told.after(4)?.seq, told.after(0)?.seq, told.after(2)?.seq]).toEqual([5, 1, 3]);
  });

  it('keeps what was not forgotten, whatever was forgotten before', () => {
    const told = log();
    for (let i = 1; i <= 10_000; i++) {
      told.append(UP);
      if (i > 3) told.forget(i - 3);
    }
    expect([9997, 9998, 9999, 10_000].map((seq) => told.after(seq)?.seq)).toEqual([9998, 9999, 10_000, undefined]);
    told.forget(10_000);
    told.append(UP);
    expect(told.after(10_000)?.seq).toBe(10_001);
  });

  it('weighs what it keeps: a packet by its frame, and everything by a share of its own', () => {
    const told = log();
    told.append(UP);
    told.append(packet(65_535));
    expect(told.keptBytes).toBe(65_935);
    told.forget(1);
    expect(told.keptBytes).toBe(65_735);
    told.forget(2);
    told.forget(2);
    expect(told.keptBytes).toBe(0);
  });

  it('wakes its reader at every append', () => {
    const told = log();
    const wake = jest.fn();
    told.append(UP);
    told.onAppend = wake;
    told.append(UP);
    expect(wake).toHaveBeenCalledTimes(1);
  });
});
