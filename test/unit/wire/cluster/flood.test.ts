import { isFault } from '../../../../src/wire/cluster/fault.js';
import { decodeInternal, encodeInternal } from '../../../../src/wire/cluster/internal.js';
import type { InternalMessage } from '../../../../src/wire/cluster/messages.js';
import { adapted, relayed } from '../../../../src/wire/cluster/relay.js';

const sequence = { seq: 4, timestamp: 1_700_000_000 };
const capabilities: InternalMessage = {
  type: 'capabilities',
  clusterId: 1,
  origin: 1,
  sequence,
  nodes: [{ machineId: 1, capabilities: [{ name: 'usrloc-contact-repl', isSynced: true }] }],
  wantsReply: true,
  path: [1],
};

function written(message: InternalMessage): Buffer {
  const frame = encodeInternal(message, 'E');
  if (isFault(frame)) throw new Error(JSON.stringify(frame));
  return frame;
}

function linkUpdate(length: number): Buffer {
  const path = Array.from({ length }, (_, i) => i + 1);
  return written({ type: 'link_update', clusterId: 1, origin: 1, sequence, neighbour: 2, isUp: true, path });
}

describe('relayed', () => {
  it('appends this machine to the path, and asks for no reply', () => {
    const onward = relayed(written(capabilities), 9);
    expect(decodeInternal(onward ?? Buffer.alloc(0))).toEqual({ ...capabilities, wantsReply: false, path: [1, 9] });
  });

  it('changes no byte but the length, the reply and the path', () => {
    const frame = linkUpdate(2);
    const onward = relayed(frame, 9) ?? Buffer.alloc(0);
    expect(onward.length).toBe(frame.length + 4);
    const pathAt = frame.length - 12;
    expect(onward.subarray(8, pathAt)).toEqual(frame.subarray(8, pathAt));
    expect(onward.subarray(pathAt).toString('hex')).toBe('03000000010000000200000009000000');
  });

  it('does not change the frame that it got', () => {
    const frame = written(capabilities);
    const before = Buffer.from(frame);
    relayed(frame, 9);
    expect(frame).toEqual(before);
  });

  it('floods a path of 25, and no longer one', () => {
    expect(relayed(linkUpdate(25), 99)).toHaveLength(linkUpdate(26).length);
    expect(relayed(linkUpdate(26), 99)).toBeNull();
  });

  it('floods nothing that came through this machine', () => {
    expect(relayed(linkUpdate(3), 2)).toBeNull();
    expect(relayed(linkUpdate(1), 1)).toBeNull();
  });

  it.each<InternalMessage>([
    { type: 'ping', clusterId: 1, origin: 1, wantsIds: false },
    { type: 'pong', clusterId: 1, origin: 1, machineIds: [] },
    { type: 'unknown_id', clusterId: 1, origin: 1 },
  ])('does not flood $type', (message) => {
    expect(relayed(written(message), 9)).toBeNull();
  });

  it('floods no message that it cannot read', () => {
    expect(relayed(written(capabilities).subarray(0, -1), 9)).toBeNull();
  });
});

describe('adapted', () => {
  it('drops the sequence for a family without one', () => {
    expect(adapted(capabilities, 'C2')).toEqual({ ...capabilities, sequence: null });
    expect(adapted(capabilities, 'C3')).toBe(capabilities);
  });

  it('cannot invent a sequence', () => {
    expect(adapted({ ...capabilities, sequence: null }, 'E')).toBeNull();
  });

  it('leaves every other message as it is', () => {
    const ping: InternalMessage = { type: 'ping', clusterId: 1, origin: 1, wantsIds: false };
    expect(adapted(ping, 'C1')).toBe(ping);
  });
});
