import type { DialectOf } from '../domain/cluster-dialect.js';
import type { FleetSettings } from '../domain/fleets.js';
import type { Clock, Log } from '../ground/ports.js';
import type { RetentionOptions } from './delivery/retention.js';
import type { HistoryOptions } from './events/history-log.js';
import type { CommandLog } from './log/command-log.js';
import type { Flushed, MachineStore } from './ports/machine-store.js';
import type { OwnStores } from './ports/own-stores.js';
import type { Resolver } from './ports/resolver.js';
import type { Replies, Sender } from './ports/sender.js';
import type { Replica } from './replicas/port.js';
import type { Webhooks } from './webhooks/webhooks.js';

/** What the service needs of the adapters. */
export interface ServicePorts {
  readonly store: MachineStore;
  /** Null: drains and history are in memory only. */
  readonly own: OwnStores | null;
  readonly sender: Sender;
  readonly replies: Replies;
  readonly resolver: Resolver;
  /** Where connections to machines come from; null: the system chooses. */
  readonly sourceIp?: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly flushed?: Flushed;
  /** Undefined: a log in memory. */
  readonly commands?: CommandLog | undefined;
  /** Null: this process is not one of several. */
  readonly replica?: Replica | null;
  /** Null: none is configured. */
  readonly webhooks?: Webhooks | null;
}

export interface ServiceOptions extends RetentionOptions, HistoryOptions {
  readonly maxRegistrations: number;
  readonly maxMachines: number;
  readonly serverId: number;
  readonly persistent: boolean;
  readonly fleets: FleetSettings;
  readonly dialectOf: DialectOf;
  /** Seconds: the `duration` of machines in a table of version 4. */
  readonly nodeTimeoutSeconds: number;
  /** Whether payloads are decoded and encoded. */
  readonly decode: boolean;
  /** The names of fields whose values no client gets. */
  readonly redact: ReadonlySet<string>;
}
