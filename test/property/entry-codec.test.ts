import fc from 'fast-check';
import type { LoadedMachine } from '../../src/domain/commands.js';
import type { LoggedCommand } from '../../src/service/log/command-log.js';
import { decodeEntry, encodeEntry } from '../../src/service/log/entry-codec.js';
import { V22 } from '../../src/wire/dialects/v22.js';
import { fleetRun, headOf, receivedRun } from '../support/peers/runs.js';
import { loadedMachine } from '../support/tables/rows.js';

type Type = LoggedCommand['type'];
type Row<T extends Type> = fc.Arbitrary<LoggedCommand & { readonly type: T }>;

const int = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 100 }).map((it) => Buffer.from(it));
const nullable = fc.option(text);
const id = { clusterId: int, machineId: int };
const versions = fc.oneof(fc.constant(null), fc.constant('*' as const), fc.array(text, { maxLength: 3 }));
const expected = fc.option(fc.record({ match: versions, noneMatch: versions }));
const status = fc.constantFrom('up' as const, 'down' as const);
const drain = { reason: nullable, until: fc.option(int), by: nullable };
const machine: fc.Arbitrary<LoadedMachine> = fc
  .record({ ...id, description: nullable, drain: fc.option(fc.record({ ...drain, since: int })), noTries: int })
  .map((it) => loadedMachine(it));
const request = fc.record({
  module: text,
  protocol: text,
  clusterId: int,
  timeoutMs: int,
  authCheck: fc.boolean(),
  sync: fc.boolean(),
});
const is = <T extends Type>(type: T) => ({ type: fc.constant(type) });

const run22 = fc
  .array(fc.record({ packetType: int, version: fc.nat(0xffff), payload: bytes }), { minLength: 1, maxLength: 4 })
  .map((packets) => {
    const frames = packets.map((it) =>
      V22.encode({ module: 'ul', ...it }, { clusterId: 1, machineId: 2, destination: 0 }),
    );
    const read = Buffer.concat(frames as Buffer[]);
    return { ...receivedRun(read, { count: frames.length }), head: headOf(frames[0] as Buffer) };
  });
const run24 = bytes.map((payload) => fleetRun({ payload }));
const flood = fc.constantFrom('link_update' as const, 'capabilities' as const, 'full_topology' as const);

/** One row for each command, as in the codec. */
const COMMANDS: { readonly [T in Type]: Row<T> } = {
  load: fc.record(
    {
      ...is('load'),
      machines: fc.array(machine, { maxLength: 3 }),
      keepChanged: fc.boolean(),
      only: int,
      part: fc.record({ isFirst: fc.boolean(), hasMoreRows: fc.boolean(), limit: int }),
    },
    { requiredKeys: ['type', 'machines', 'keepChanged'] },
  ),
  advance: fc.record({ ...is('advance'), limit: int }),
  put_machine: fc.record({ ...is('put_machine'), machine, status: fc.option(status) }),
  remove_machine: fc.record({ ...is('remove_machine'), ...id }),
  remove_node: fc.record({ ...is('remove_node'), ...id }),
  set_own_enabled: fc.record({ ...is('set_own_enabled'), clusterId: int, isEnabled: fc.boolean() }),
  set_tag: fc.record({
    ...is('set_tag'),
    clusterId: int,
    tag: text,
    owner: int,
    failover: fc.array(int, { maxLength: 3 }),
    afterMs: int,
  }) as fc.Arbitrary<unknown> as Row<'set_tag'>,
  release_tag: fc.record({ ...is('release_tag'), clusterId: int, tag: text }),
  address_resolved: fc.record({ ...is('address_resolved'), ...id, host: text, ips: fc.array(text, { maxLength: 3 }) }),
  set_status: fc.record({
    ...is('set_status'),
    ...id,
    status,
    cause: fc.constantFrom('operator', 'set_state'),
    expected,
  }),
  drain: fc.record({ ...is('drain'), ...id, ...drain, expected }),
  count_failure: fc.record({ ...is('count_failure'), ...id, expected }),
  send_succeeded: fc.record({ ...is('send_succeeded'), ...id, attempt: int }),
  send_failed: fc.record({ ...is('send_failed'), ...id, attempt: int }),
  row_saved: fc.record({ ...is('row_saved'), ...id, changes: int }),
  enable_due: fc.record({ ...is('enable_due'), clusterId: int }),
  send: fc.record(
    { ...is('send'), clusterId: int, protocol: text, only: int },
    { requiredKeys: ['type', 'clusterId', 'protocol'] },
  ),
  register: fc.record({ ...is('register'), number: int, request }),
  unregister: fc.record({ ...is('unregister'), number: int }),
  receive: fc.record({ ...is('receive'), run: fc.oneof(run22, run24) }),
  registration: fc.oneof(
    fc.record({ ...is('registration'), id: text, change: fc.constant('create'), owner: nullable, request }),
    fc.record({ ...is('registration'), id: text, change: fc.constantFrom('resume', 'look') }),
    fc.record({ ...is('registration'), id: text, change: fc.constantFrom('release', 'keep', 'expire'), carries: int }),
    fc.record({
      ...is('registration'),
      id: text,
      change: fc.constant('end'),
      cause: fc.constantFrom('unregistered', 'overflow', 'stop'),
    }),
  ) as Row<'registration'>,
  report: fc.record({
    ...is('report'),
    event: fc.record({
      kind: fc.constant('mi' as const),
      cluster_id: int,
      command: text,
      machines: fc.array(int, { maxLength: 3 }),
      by: nullable,
    }),
  }),
  lead: fc.record({ ...is('lead'), term: int }),
  checkpoint: fc.record(is('checkpoint')),
  interruption: fc.record({ ...is('interruption'), ms: int }),
  begin_fleets: fc.record({
    ...is('begin_fleets'),
    remembered: fc
      .array(fc.tuple(int, flood, int))
      .map((all) => new Map(all.map(([cluster, kind, seq]) => [cluster, memory(kind, seq)]))),
  }) as fc.Arbitrary<unknown> as Row<'begin_fleets'>,
  hear: fc.record({
    ...is('hear'),
    message: fc.record({
      type: fc.constant('sync' as const),
      clusterId: int,
      origin: int,
      destination: int,
      capability: text,
      dataVersion: fc.option(int),
      chunks: fc.array(bytes, { maxLength: 3 }),
    }),
    family: fc.constantFrom(null, 'C1', 'E'),
    from: fc.record({ ip: text, connection: int, url: nullable }),
    frame: bytes,
  }) as Row<'hear'>,
  sync: fc.record({ ...is('sync'), number: int }),
  end_fleets: fc.record(is('end_fleets')),
};

function memory(kind: string, seq: number) {
  return {
    sequences: new Map([[kind, seq]]),
    families: new Map([[seq, 'E']]),
    wishes: new Map([[kind, { owner: seq, failover: [seq] }]]),
  };
}

const place = {
  position: int,
  now: fc.record({ monotonicMs: int, unixMs: int }),
  replica: text,
  by: nullable,
  reason: nullable,
};

describe('an entry of the command log', () => {
  it.each(Object.entries(COMMANDS))('with the command %s is the same after encoding and decoding', (_, command) => {
    fc.assert(
      fc.property(fc.record({ ...place, command: command as fc.Arbitrary<LoggedCommand> }), (entry) => {
        expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the packets of a run in one piece', () => {
    const [first, second] = [1, 2].map((packetType) => {
      return V22.encode(
        { module: 'ul', packetType, version: 1, payload: Buffer.from('p') },
        { clusterId: 1, machineId: 2, destination: 0 },
      ) as Buffer;
    }) as [Buffer, Buffer];
    const run = { ...receivedRun(first, { count: 2 }), pieces: [first, second] };
    const at = { position: 1, now: { monotonicMs: 1, unixMs: 1 }, replica: 'a', by: null, reason: null };
    const { command } = decodeEntry(encodeEntry({ ...at, command: { type: 'receive', run } }));
    expect(command).toMatchObject({ run: { pieces: [Buffer.concat([first, second])], count: 2 } });
  });

  it('of another version, or with an unknown command, is rejected by name', () => {
    const at = { position: 1, now: { monotonicMs: 1, unixMs: 1 }, replica: 'a', by: null, reason: null };
    const encoded = encodeEntry({ ...at, command: { type: 'end_fleets' } });
    const later = Buffer.from(encoded);
    later.writeUInt8(2, 0);
    expect(() => decodeEntry(later)).toThrow('A log entry has version 2; this release reads 1.');
    const unknown = Buffer.from(encoded.toString('latin1').replace('end_fleets', 'end_worlds'), 'latin1');
    expect(() => decodeEntry(unknown)).toThrow('the command "end_worlds"');
  });
});
