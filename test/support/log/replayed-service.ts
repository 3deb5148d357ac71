import { fleetSettings } from '../../../src/config/sections.js';
import { readConfig } from '../../../src/config/variables.js';
import { clusterDialects } from '../../../src/domain/cluster-dialect.js';
import { ClusterService } from '../../../src/service/cluster-service.js';
import { decodeEntry } from '../../../src/service/log/entry-codec.js';
import { digestOf } from '../../../src/service/state/snapshot.js';
import { textsOf } from '../../../src/ws/entries.js';
import { MemoryDatabase } from '../tables/memory-database.js';
import type { RecordingLog } from './recording-log.js';
import { ReplayedLog } from './replayed-log.js';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What a service shows in the end, with the notifications of each registration in force. */
export interface Shown {
  readonly nodes: unknown;
  readonly modules: unknown;
  /** Each in order, by the secret id of its registration. */
  readonly notifications: ReadonlyMap<string, readonly unknown[]>;
}

/** Applies the entries to a new service without sockets, database and running clock. */
export async function replayed(log: RecordingLog, environment: Readonly<Record<string, string>> = {}): Promise<Shown> {
  const { service, commands } = await startReplay(log, environment);
  commands.replay(log.entries);
  return shownBy(service);
}

/** The same with two services: the second continues from a snapshot of the first, taken before the entry at `index`. */
export async function replayedFrom(
  index: number,
  log: RecordingLog,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly shown: Shown; readonly digests: readonly string[] }> {
  const first = await startReplay(log, environment);
  first.commands.replay(log.entries.slice(0, index));
  const snapshot = Buffer.from(first.service.replicaSide.snapshot());
  const second = await startReplay(log, environment);
  second.service.replicaSide.restore(snapshot);
  for (const { commands } of [first, second]) commands.replay(log.entries.slice(index));
  return {
    shown: shownBy(second.service),
    digests: [first, second].map(({ service }) => digestOf(service.replicaSide.snapshot())),
  };
}

async function startReplay({ entries, epoch }: RecordingLog, environment: Readonly<Record<string, string>>) {
  const config = readConfig(environment);
  const { machines: store } = await new MemoryDatabase().open();
  const dialectOf = clusterDialects(config.dialects, store.tableVersion, new Set());
  const { now } = decodeEntry(entries.at(-1) as Buffer);
  const commands = new ReplayedLog(epoch);
  const service = new ClusterService(
    {
      store,
      own: null,
      sender: { send: () => {}, disconnect: () => {}, close: async () => {} },
      replies: { reply: () => {} },
      resolver: { resolve: async () => ({ ips: [] }) } as never,
      clock: { now: () => now, after: () => () => {} },
      log: QUIET,
      commands,
    },
    { ...config, dialectOf, fleets: fleetSettings(config, dialectOf) },
  );
  return { service, commands };
}

function shownBy(service: ClusterService): Shown {
  const texts = [...service.registrations.all].map((log) => {
    const found = [...log.after(0)].flatMap((entry) => [...textsOf(log, entry, service.decoder)]);
    return [log.id, found.map(({ text }) => JSON.parse(text))] as const;
  });
  return {
    nodes: service.queries.machines({}).nodes,
    modules: service.queries.modules(),
    notifications: new Map(texts),
  };
}
