import fc from 'fast-check';
import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import { loadedMachine, receivedRun } from '../tables/rows.js';

/** Something that happens to an engine. If it depends on earlier replies (the result of a send, a write), it only picks one. */
export type Act =
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'table'; readonly command: TableCommand; readonly sameState: boolean }
  | { readonly type: 'result'; readonly pick: number; readonly succeeded: boolean }
  | { readonly type: 'register'; readonly request: (Command & { type: 'register' })['request'] }
  | { readonly type: 'unregister'; readonly pick: number }
  | { readonly type: 'begin_write' }
  | { readonly type: 'end_write' };

export type TableCommand = Command & { type: 'load' | 'put_machine' | 'remove_machine' };

/** An act, and the time since the one before; `clockJumpMs` is what the wall clock moves in addition. */
export interface TimedAct {
  readonly afterMs: number;
  readonly clockJumpMs: number;
  readonly act: Act;
}

const machineId = fc.integer({ min: 2, max: 4 });
const clusterId = fc.constantFrom(1, 1, 1, 1, 2);
const id = fc.record({ clusterId, machineId });
const protocol = fc.oneof({ weight: 5, arbitrary: fc.constant('bin') }, fc.constant('udp'));
const foreignIp = fc.constantFrom('10.9.0.1', '10.9.0.2');

const place = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.record({ port: fc.constantFrom(5555, 6666) }),
  fc.record({ host: fc.constant('sip.example'), ip: fc.option(foreignIp) }),
);
const columns = fc.record({
  state: fc.constantFrom('up' as const, 'up' as const, 'temp_disabled' as const, 'down' as const),
  noTries: fc.nat(3),
  lastAttempt: fc.option(fc.integer({ min: 999_998, max: 1_000_008 })),
});
/** Around the first seconds, so that some are past when they arrive. */
const until = fc.option(fc.integer({ min: 999_999_000, max: 1_000_004_000 }));
const drainRequest = fc.record({ reason: fc.constantFrom(null, 'kernel'), until, by: fc.constantFrom(null, 'alice') });
const keptDrain = fc
  .tuple(drainRequest, fc.constantFrom(999_990_000, 1_000_000_000))
  .map(([it, since]) => ({ ...it, since }));
const row: fc.Arbitrary<LoadedMachine> = fc
  .record({
    id,
    protocol,
    place,
    columns,
    limits: fc.record({
      failedAttempts: fc.integer({ min: -1, max: 3 }),
      durationMs: fc.constantFrom(0, 7, 40, 1000, 2500),
    }),
    more: fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, fc.constant({ clustererId: 900, description: 'sip' })),
    drain: fc.option(keptDrain, { freq: 5 }),
  })
  .map((it) =>
    loadedMachine({
      ...it.id,
      protocol: it.protocol,
      ...it.place,
      ...it.columns,
      ...it.limits,
      ...it.more,
      drain: it.drain,
    }),
  );

const status = fc.constantFrom('up' as const, 'down' as const);
const tableCommand: fc.Arbitrary<TableCommand> = fc.oneof(
  fc.record({
    type: fc.constant('load' as const),
    machines: fc.uniqueArray(row, { maxLength: 6, selector: (it) => `${it.clusterId}/${it.machineId}` }),
    keepChanged: fc.boolean(),
  }),
  fc.record({ type: fc.constant('put_machine' as const), machine: row, status: fc.option(status, { freq: 2 }) }),
  id.map((it) => ({ type: 'remove_machine' as const, ...it })),
);

const sourceIp = fc.oneof(
  id.map((it) => `10.0.${it.clusterId}.${it.machineId}`),
  foreignIp,
);
const moduleName = fc.constantFrom('ul', 'rl');
const run = fc
  .record({ module: moduleName, protocol, machineId: fc.integer({ min: 2, max: 5 }), ip: sourceIp })
  .map(receivedRun);

/** What a caller expects: nothing (mostly), what holds, or what does not. */
const expected = fc.constantFrom(
  null,
  null,
  { match: '*' as const, noneMatch: ['another'] },
  { match: ['another'], noneMatch: null },
  { match: null, noneMatch: '*' as const },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ clusterId, protocol }).map((it) => ({ type: 'send' as const, ...it })) },
  fc.record({ id, expected }).map((it) => ({ type: 'count_failure' as const, ...it.id, expected: it.expected })),
  clusterId.map((it) => ({ type: 'enable_due' as const, clusterId: it })),
  {
    weight: 2,
    arbitrary: fc
      .record({ id, status, expected })
      .map(({ id, ...it }) => ({ type: 'set_status' as const, ...id, ...it, cause: 'operator' as const })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ id, drainRequest }).map((it) => ({ type: 'drain' as const, ...it.id, ...it.drainRequest })),
  },
  fc.record({ id, ip: fc.option(foreignIp) }).map((it) => ({
    type: 'address_resolved' as const,
    ...it.id,
    host: 'sip.example',
    ips: it.ip === null ? [] : [it.ip],
  })),
  { weight: 3, arbitrary: run.map((it) => ({ type: 'receive' as const, run: it })) },
);

const request = fc
  .record({
    module: moduleName,
    protocol,
    clusterId: fc.nat(2),
    timeoutMs: fc.constantFrom(0, 3, 20, 400),
    authCheck: fc.boolean(),
  })
  .filter((it) => it.clusterId > 0 || !it.authCheck);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: command.map((it) => ({ type: 'command' as const, command: it })) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('table' as const), command: tableCommand, sameState: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('result' as const), pick: fc.nat(99), succeeded: fc.boolean() }),
  },
  { weight: 2, arbitrary: request.map((it) => ({ type: 'register' as const, request: it })) },
  fc.record({ type: fc.constant('unregister' as const), pick: fc.nat(9) }),
  fc.constant({ type: 'begin_write' as const }),
  fc.constant({ type: 'end_write' as const }),
);

const later = fc.record({
  afterMs: fc.oneof({ weight: 4, arbitrary: fc.nat(30) }, fc.nat(1500)),
  clockJumpMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -4000, max: 4000 })),
  act,
});

/** A start that random acts would rarely reach: three machines that are up, and a registration. */
const beginning: readonly TimedAct[] = [
  {
    type: 'table' as const,
    command: {
      type: 'load' as const,
      machines: [2, 3, 4].map((machineId) => loadedMachine({ machineId, durationMs: 40 })),
      keepChanged: false,
    },
    sameState: false,
  },
  {
    type: 'register' as const,
    request: { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 20, authCheck: false },
  },
].map((it) => ({ afterMs: 0, clockJumpMs: 0, act: it }));

/** Any sequence of acts. Most steps are short compared with the durations and timeouts, some are long. */
export const timedActs: fc.Arbitrary<TimedAct[]> = fc
  .tuple(fc.constantFrom(beginning, beginning, []), fc.array(later, { maxLength: 40, size: 'max' }))
  .map((parts) => parts.flat());

/** A failure that takes long to shrink is reported as it is. */
export const BOUNDED = { interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true };

/** The id of the service: an observer, or one of the machines. */
export const anyServerId = fc.constantFrom(0, 4);
