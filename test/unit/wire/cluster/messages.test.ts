import { decodeExtra, encodeExtra } from '../../../../src/wire/cluster/extra.js';
import { isFault } from '../../../../src/wire/cluster/fault.js';
import { decodeInternal, encodeInternal } from '../../../../src/wire/cluster/internal.js';
import type { ExtraMessage, InternalMessage } from '../../../../src/wire/cluster/messages.js';

const own = { clusterId: 1, origin: 1 };
const route = { ...own, destination: 2 };
const sequence = { seq: 1, timestamp: 1_700_000_000 };
const many = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function capabilities(over: Partial<Extract<InternalMessage, { type: 'capabilities' }>> = {}): InternalMessage {
  return { type: 'capabilities', ...own, sequence, nodes: [], wantsReply: true, path: [1], ...over };
}

function internal(message: InternalMessage): Buffer {
  const frame = encodeInternal(message, 'E');
  if (isFault(frame)) throw new Error(JSON.stringify(frame));
  return frame;
}

/** Where the fields of clusterer-internal begin. */
const FIELDS = 42;

describe('encodeInternal', () => {
  it.each<[string, InternalMessage, object]>([
    [
      '129 ids',
      { type: 'pong', ...own, machineIds: many(129) },
      { fault: 'too_many', field: 'machineIds', offset: 42 },
    ],
    ['a path of 27', capabilities({ path: many(27) }), { fault: 'too_many', field: 'path' }],
    ['a path of another origin', capabilities({ path: [2] }), { fault: 'wrong_origin', field: 'path[0]' }],
    ['no path', capabilities({ path: [] }), { fault: 'wrong_origin', field: 'path[0]' }],
    ['capabilities without a sequence', capabilities({ sequence: null }), { fault: 'missing', field: 'sequence' }],
    [
      '129 capabilities',
      capabilities({
        nodes: [
          { machineId: 1, capabilities: [] },
          { machineId: 2, capabilities: many(129).map((it) => ({ name: `c${it}`, isSynced: false })) },
        ],
      }),
      { fault: 'too_many', field: 'nodes[1].capabilities' },
    ],
    [
      'a name with a blank',
      capabilities({ nodes: [{ machineId: 1, capabilities: [{ name: 'a b', isSynced: false }] }] }),
      { fault: 'bad_name', field: 'nodes[0].capabilities[0].name' },
    ],
    ['a cluster of 33 bits', { type: 'unknown_id', clusterId: 2 ** 32, origin: 1 }, { field: 'clusterId' }],
    ['an id that is not whole', { type: 'pong', ...own, machineIds: [1.5] }, { field: 'machineIds[0]' }],
  ])('refuses %s', (_, message, fault) => {
    expect(encodeInternal(message, 'E')).toMatchObject(fault);
  });

  it('writes up to 128 nodes, and not more bytes than a packet has', () => {
    const node = (url: string) => (machineId: number) => ({
      machineId,
      description: { url, sipAddress: '', priority: 50, pingRetries: 3 },
      sequence,
      neighbours: [1, 2],
    });
    const message = { type: 'full_topology', ...own, sequence, path: [1] } as const;
    expect(encodeInternal({ ...message, nodes: many(128).map(node('bin:a:1')) }, 'E')).toBeInstanceOf(Buffer);
    expect(encodeInternal({ ...message, nodes: many(129).map(node('bin:a:1')) }, 'E')).toMatchObject({
      field: 'nodes',
    });
    const long = 'x'.repeat(600);
    const tooLong = encodeInternal({ ...message, nodes: many(128).map(node(long)) }, 'E');
    expect(tooLong).toMatchObject({ fault: 'too_long' });
  });

  it('refuses capabilities that would be read as if they had a sequence', () => {
    const nodes = [{ machineId: 1, capabilities: [] }];
    expect(encodeInternal(capabilities({ sequence: null, nodes }), 'C2')).toMatchObject({ fault: 'ambiguous' });
  });

  it('refuses a sequence in a family without one', () => {
    expect(encodeInternal(capabilities(), 'D1')).toMatchObject({ fault: 'not_in_family', field: 'sequence' });
  });
});

describe('decodeInternal', () => {
  it.each([
    ['a count that is too large', 129, 'too_many'],
    ['a negative count', -1, 'too_many'],
    ['a count beyond the packet', 3, 'truncated'],
    ['a count below the packet', 1, 'trailing_bytes'],
  ])('names the field of %s', (_, count, fault) => {
    const frame = internal({ type: 'pong', ...own, machineIds: [1, 2] });
    frame.writeInt32LE(count, FIELDS);
    expect(decodeInternal(frame)).toMatchObject({ fault });
  });

  it('names field and offset of a string that ends beyond the packet', () => {
    const description = { url: 'bin:10.0.0.1:5555', sipAddress: 'sip', priority: 50, pingRetries: 3 };
    const frame = internal({ type: 'node_description', ...own, description, path: [1] });
    const at = FIELDS + 2 + description.url.length;
    frame.writeUInt16LE(60_000, at);
    expect(decodeInternal(frame)).toEqual({ fault: 'truncated', field: 'description.sipAddress', offset: at });
  });

  it('reads no node of a list that is too long', () => {
    const frame = internal(capabilities());
    frame.writeInt32LE(2 ** 31 - 1, FIELDS + 8);
    expect(decodeInternal(frame)).toMatchObject({ fault: 'too_many', field: 'nodes' });
  });

  it('knows no types 6, 7, 10 and −1', () => {
    for (const type of [6, 7, 10, -1]) {
      const frame = internal({ type: 'unknown_id', ...own });
      frame.writeInt32LE(type, 30);
      expect(decodeInternal(frame)).toEqual({ fault: 'unknown_type', field: '', offset: 30 });
    }
  });

  it('reports capabilities whose path does not begin with the origin', () => {
    const frame = internal(capabilities());
    frame.writeInt32LE(7, frame.length - 4);
    expect(decodeInternal(frame)).toMatchObject({ fault: 'wrong_origin' });
  });
});

describe('encodeExtra', () => {
  const mi = (count: number): ExtraMessage => {
    return { type: 'mi', ...route, command: 'ps', parameters: many(count).map(String) };
  };

  it.each<[string, ExtraMessage, object]>([
    ['16 parameters of MI', mi(16), { fault: 'too_many', field: 'parameters' }],
    ['MI without a command', { type: 'mi', ...route, command: '', parameters: [] }, { field: 'command' }],
    [
      'a sync of ratelimit',
      { type: 'sync_request', ...route, capability: 'ratelimit-pipe-repl' },
      { field: 'capability' },
    ],
    ['to remove the destination', { type: 'remove_node', ...route, machineId: 2 }, { field: 'machineId' }],
    [
      'the mark of a bridge',
      { type: 'tag_active', ...route, destination: 0xc0000000 | 0, tag: 'vip' },
      { field: 'destination' },
    ],
    [
      'a sync without chunks',
      { type: 'sync', ...route, capability: 'a', dataVersion: 1, chunks: [] },
      { field: 'chunks' },
    ],
    [
      'an empty chunk',
      { type: 'sync', ...route, capability: 'a', dataVersion: 1, chunks: [Buffer.of(1), Buffer.alloc(0)] },
      { fault: 'bad_chunk', field: 'chunks[1]' },
    ],
    ['an end without a count', { type: 'sync_end', ...route, capability: 'a', chunks: null }, { field: 'chunks' }],
    ['a negative count', { type: 'sync_end', ...route, capability: 'a', chunks: -1 }, { field: 'chunks' }],
    [
      'a string of 65,536 bytes',
      { type: 'generic', ...route, isRequest: true, tag: 't', message: 'x'.repeat(65_536) },
      { fault: 'too_long', field: 'message' },
    ],
    [
      'more bytes than a packet has',
      { type: 'generic', ...route, isRequest: true, tag: 't', message: 'x'.repeat(65_480) },
      { fault: 'too_long' },
    ],
  ])('refuses %s', (_, message, fault) => {
    expect(encodeExtra(message, 'E')).toMatchObject(fault);
  });

  it('writes 15 parameters of MI', () => {
    expect(encodeExtra(mi(15), 'E')).toBeInstanceOf(Buffer);
  });

  it('has no remove_node in the old families', () => {
    expect(encodeExtra({ type: 'remove_node', ...route, machineId: 3 }, 'C3')).toMatchObject({
      fault: 'not_in_family',
    });
  });
});

describe('decodeExtra', () => {
  it('reports 16 parameters before it reads one', () => {
    const frame = encodeExtra({ type: 'mi', ...route, command: 'ps', parameters: [] }, 'E') as Buffer;
    frame.writeInt32LE(16, frame.length - 16);
    expect(decodeExtra(frame, 'E')).toEqual({ fault: 'too_many', field: 'parameters', offset: frame.length - 12 });
  });

  it('reports a sync message of an unknown packet version', () => {
    const frame = encodeExtra({ type: 'sync_end', ...route, capability: 'a', chunks: 0 }, 'E') as Buffer;
    frame.writeUInt16LE(4, 8);
    expect(decodeExtra(frame, 'E')).toEqual({ fault: 'out_of_range', field: 'version', offset: 8 });
  });

  it('rejects a packet of another capability', () => {
    expect(decodeExtra(internal({ type: 'unknown_id', ...own }), 'E')).toMatchObject({ fault: 'wrong_capability' });
  });
});
