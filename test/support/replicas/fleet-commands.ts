import fc from 'fast-check';
import type { Command } from '../../../src/domain/commands.js';
import { Memory } from '../../../src/domain/memory.js';
import type { RegistrationCommand } from '../../../src/service/log/registration-command.js';
import type { ClusterMessage } from '../../../src/wire/cluster/messages.js';
import { fleetMachine } from '../engine/fleet-engine.js';
import { fleetRun } from '../peers/runs.js';
import { idOf } from './entries.js';

export interface TimedCommand {
  readonly afterMs: number;
  readonly command: Command | RegistrationCommand;
}

/** This service. */
export const OWN = 9;

/** It speaks 2.4 and joins cluster 1. */
export const FLEET_SETTINGS = {
  dialectOf: () => '2.4' as const,
  joins: new Map([[1, ['bin:10.0.1.5:5555']]]),
  advertiseUrl: 'bin:10.0.1.9:5555',
};

const USRLOC = 'usrloc-contact-repl';
const clusterId = fc.constantFrom(1, 1, 1, 2);
/** The first two are known from the start. */
const machineId = fc.constantFrom(2, 2, 2, 3, 3, 4, 5);
const ids = fc.array(machineId, { maxLength: 3 });
const capability = fc.constantFrom(USRLOC, 'dialog-dlg-repl');
const tag = fc.constantFrom('vip', 'dhcp');
const sequence = fc.record({ seq: fc.nat(20), timestamp: fc.nat(1_000) });
const family = fc.constantFrom(null, 'C1' as const, 'D1' as const, 'E' as const, 'E' as const);
const drain = { reason: 'kernel', until: null, by: 'alice' };

const description = machineId.map((id) => {
  return { url: `bin:10.0.1.${id}:5555`, sipAddress: '', priority: 50, pingRetries: 2 };
});
const chunk = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((it) => Buffer.from(it));
const toUs = { destination: fc.constantFrom(OWN, OWN, OWN, 3) };

/** What a machine says, without who says it. */
const content = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('pong'), machineIds: ids }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('ping'), wantsIds: fc.boolean() }) },
  fc.record({ type: fc.constant('unknown_id') }),
  fc.record({ type: fc.constant('node_description'), description }),
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('link_update'), sequence, neighbour: machineId, isUp: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('capabilities'),
      sequence: fc.option(sequence),
      nodes: fc.array(
        fc.record({
          machineId,
          capabilities: fc.array(fc.record({ name: capability, isSynced: fc.constant(true) }), { maxLength: 2 }),
        }),
        { maxLength: 3 },
      ),
      wantsReply: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('full_topology'),
      sequence,
      nodes: fc.array(fc.record({ machineId, description: fc.option(description), sequence, neighbours: ids }), {
        maxLength: 3,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('sync'),
      ...toUs,
      capability,
      dataVersion: fc.constantFrom(null, 3),
      chunks: fc.array(chunk, { maxLength: 3 }),
    }),
  },
  fc.record({ type: fc.constant('sync_end'), ...toUs, capability, chunks: fc.option(fc.nat(4)) }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('tag_active'), ...toUs, tag }) },
  fc.record({ type: fc.constant('remove_node'), ...toUs, machineId }),
);

interface Said {
  readonly content: object;
  readonly clusterId: number;
  readonly origin: number;
  readonly family: 'C1' | 'D1' | 'E' | null;
  readonly relayed: number;
}

function heard({ content, clusterId, origin, family, relayed }: Said) {
  const path = relayed === 0 ? [origin, 7] : [origin];
  const message = { clusterId, origin, path, ...content } as unknown as ClusterMessage;
  const from = {
    ip: `10.0.${clusterId}.${origin}`,
    connection: origin,
    url: relayed === 1 ? 'bin:10.0.1.5:5555' : null,
  };
  return { type: 'hear' as const, message, family, from, frame: Buffer.from(message.type) };
}

const hear: fc.Arbitrary<Command> = fc
  .record({ content, clusterId, origin: machineId, family, relayed: fc.nat(9) })
  .map(heard);

const row = fc.record({
  clusterId,
  machineId: fc.constantFrom(2, 3, 4, OWN, OWN),
  state: fc.constantFrom('up' as const, 'up' as const, 'up' as const, 'down' as const),
});
const rows = fc
  .uniqueArray(row, { minLength: 4, maxLength: 8, selector: (it) => `${it.clusterId}/${it.machineId}` })
  .map((all) => all.map((it) => fleetMachine(it)));
const request = fc.record({
  module: fc.constantFrom('ul', 'dialog'),
  protocol: fc.constant('bin'),
  clusterId: fc.nat(2),
  timeoutMs: fc.constantFrom(0, 3_000),
  authCheck: fc.boolean(),
});
const number = fc.integer({ min: 1, max: 4 });
const id = { clusterId, machineId };

/** What happens to a registration after its start. Few sockets carry one, so that many of these count. */
const carries = fc.integer({ min: 1, max: 3 });
const registration: fc.Arbitrary<RegistrationCommand> = fc
  .tuple(
    number,
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({ change: 'resume' as const }) },
      { weight: 3, arbitrary: carries.map((it) => ({ change: 'release' as const, carries: it })) },
      carries.map((it) => ({ change: 'keep' as const, carries: it })),
      carries.map((it) => ({ change: 'expire' as const, carries: it })),
      fc.constant({ change: 'end' as const, cause: 'overflow' as const }),
    ),
  )
  .map(([number, change]) => ({ type: 'registration', id: idOf(number), ...change }));

const command: fc.Arbitrary<TimedCommand['command']> = fc.oneof(
  { weight: 5, arbitrary: registration },
  { weight: 40, arbitrary: hear },
  {
    weight: 4,
    arbitrary: fc
      .record({ ...id, payload: chunk, version: fc.constantFrom(1, 3) })
      .map((it) => ({ type: 'receive' as const, run: fleetRun(it) })),
  },
  rows.map((machines) => ({ type: 'load' as const, machines, keepChanged: true })),
  rows.map((machines) => {
    const part = { isFirst: true, hasMoreRows: true, limit: 1 };
    return { type: 'load' as const, machines, keepChanged: true, part };
  }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('register' as const), number, request }) },
  fc.record({ type: fc.constant('unregister' as const), number }),
  fc.record({ type: fc.constant('interruption' as const), ms: fc.nat(20_000) }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('sync' as const), number }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('set_tag' as const),
      clusterId,
      tag,
      owner: machineId,
      failover: ids,
      afterMs: fc.constant(1_000),
    }),
  },
  fc.record({ type: fc.constant('release_tag' as const), clusterId, tag }),
  fc.record({
    type: fc.constant('set_own_enabled' as const),
    clusterId,
    isEnabled: fc.constantFrom(true, true, true, false),
  }),
  fc.record({ type: fc.constant('remove_node' as const), ...id }),
  fc.record({ type: fc.constant('remove_machine' as const), ...id }),
  fc.record({ type: fc.constant('drain' as const), ...id }).map((it) => ({ ...it, ...drain })),
  fc
    .record({ ...id, status: fc.constantFrom('up' as const, 'down' as const) })
    .map((it) => ({ type: 'set_status' as const, cause: 'operator' as const, ...it })),
  fc.record({ ...id, attempt: fc.nat(3) }).map((it) => ({ type: 'send_failed' as const, ...it })),
);

const remembered = new Memory({
  sequences: new Map([['link', 5]]),
  families: new Map([[2, 'E']]),
  drains: new Map([[5, { ...drain, since: 1 }]]),
});

const ul = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 3_000, authCheck: false };

/** Machines 2 and 3 reply to the first ping, and say what they have. */
const replies = [1, 2].flatMap((clusterId) =>
  [2, 3].flatMap((origin) => {
    const node = { machineId: origin, capabilities: [{ name: USRLOC, isSynced: true }] };
    const said = { clusterId, origin, family: 'E' as const, relayed: 2 };
    return [
      heard({ ...said, content: { type: 'pong', machineIds: [] } }),
      heard({ ...said, content: { type: 'capabilities', sequence: null, nodes: [node], wantsReply: false } }),
    ];
  }),
);

/** A member of two clusters, which machines 2 and 3 have joined. */
const beginning: readonly TimedCommand[] = [
  {
    type: 'load' as const,
    machines: [1, 2].flatMap((clusterId) => [2, 3, OWN].map((machineId) => fleetMachine({ clusterId, machineId }))),
    keepChanged: false,
  },
  { type: 'begin_fleets' as const, remembered: new Map([[1, remembered]]) },
  ...replies,
  { type: 'register' as const, number: 1, request: ul },
  { type: 'sync' as const, number: 1 },
].map((command) => ({ afterMs: 0, command }));

/** Any sequence of commands for a member of two clusters of dialect 2.4. Most come within one ping interval. */
export const fleetCommands: fc.Arbitrary<TimedCommand[]> = fc
  .array(fc.record({ afterMs: fc.oneof({ weight: 5, arbitrary: fc.nat(300) }, fc.nat(20_000)), command }), {
    maxLength: 60,
    size: 'max',
  })
  .map((commands) => [...beginning, ...commands]);
