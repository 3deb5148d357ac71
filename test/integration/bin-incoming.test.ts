import { Socket } from 'node:net';
import { FaultCounts } from '../../src/bin/in/fault-counts.js';
import { receivePackets } from '../../src/bin/in/receive.js';
import { RejectionCounts } from '../../src/limits/rejection-counts.js';
import { framesOf, headOf } from '../support/peers/runs.js';
import { numberedFrame, recordingLog } from './bin-peers.js';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A socket that never connects: the test emits its data. */
function receiver() {
  const socket = new Socket();
  const types: number[] = [];
  const faults: string[] = [];
  receivePackets(
    socket,
    { source: { ip: '127.0.0.1', port: 1 }, connection: 1, url: null, isHeld: () => false, wasHeld: () => false },
    { protocol: 'bin', frameTimeoutMs: 5000, idleTimeoutMs: 0 },
    {
      run: (run) => {
        types.push(...framesOf(run).map((frame) => headOf(frame).packetType));
        return null;
      },
      fault: (fault) => faults.push(fault),
    },
  );
  return { push: (...chunks: Buffer[]) => socket.emit('data', Buffer.concat(chunks)), types, faults, socket };
}

describe('an incomplete frame', () => {
  it('closes the connection after the time-out, which counts from its first byte', () => {
    const { push, faults, socket } = receiver();
    push(numberedFrame(1).subarray(0, 3));
    jest.advanceTimersByTime(4999);
    push(numberedFrame(1).subarray(3, 6));
    expect(faults).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(faults).toEqual(['frame_timeout']);
    expect(socket.destroyed).toBe(true);
  });

  it('has its own time-out when it follows another one', () => {
    const { push, types, faults } = receiver();
    push(numberedFrame(1).subarray(0, 3));
    jest.advanceTimersByTime(4999);
    push(numberedFrame(1).subarray(3), numberedFrame(2).subarray(0, 3));
    jest.advanceTimersByTime(4999);
    push(numberedFrame(2).subarray(3));
    jest.advanceTimersByTime(60_000);
    expect(types).toEqual([1, 2]);
    expect(faults).toEqual([]);
  });

  it('has a timer only while it waits', () => {
    const { push } = receiver();
    push(numberedFrame(1));
    expect(jest.getTimerCount()).toBe(0);
    push(numberedFrame(2).subarray(0, 20));
    expect(jest.getTimerCount()).toBe(1);
    push(numberedFrame(2).subarray(20));
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the log of faults', () => {
  it('has at most one line per second and reason, with the count so far', () => {
    const { log, lines } = recordingLog();
    const faults = new FaultCounts(log, new RejectionCounts());
    for (let i = 0; i < 500; i++) faults.add('bad_marker', '127.0.0.1:1');
    faults.add('too_short', '127.0.0.1:1');
    jest.advanceTimersByTime(1000);
    faults.add('bad_marker', '127.0.0.1:2');
    expect(lines.items.map(({ fields }) => `${fields.fault} ${fields.count}`)).toEqual([
      'bad_marker 1',
      'too_short 1',
      'bad_marker 501',
    ]);
    expect(faults.counts).toMatchObject({ bad_marker: 501, too_short: 1, bad_length: 0 });
  });
});
