import { fleetSettings } from '../../../src/config/sections.js';
import { readConfig } from '../../../src/config/variables.js';
import { clusterDialects } from '../../../src/domain/cluster-dialect.js';
import { ServiceError } from '../../../src/ground/errors.js';
import { ClusterService } from '../../../src/service/cluster-service.js';
import type { Apply, CommandLog, LoggedCommand } from '../../../src/service/log/command-log.js';
import { decodeEntry, encodeEntry } from '../../../src/service/log/entry-codec.js';
import type { OwnStores } from '../../../src/service/ports/own-stores.js';
import { FakeClock } from '../engine/fake-clock.js';
import { MemoryDatabase } from '../tables/memory-database.js';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Applies each entry to both services at once, as bytes. */
class SharedLog {
  private readonly subscribers = new Map<string, Apply>();
  private position = 0;

  constructor(private readonly clock: FakeClock) {}

  /** The log as a replica has it. */
  of(replica: string): CommandLog {
    const append = (command: LoggedCommand, by: string | null, reason: string | null) => {
      const bytes = encodeEntry({ position: ++this.position, now: this.clock.now(), replica, by, reason, command });
      const replies = [...this.subscribers].map(([name, apply]) => [name, apply(decodeEntry(bytes))] as const);
      return new Map(replies).get(replica);
    };
    return {
      epoch: 'epoch',
      append,
      post: (command) => append(command, null, null),
      subscribe: (apply) => this.subscribers.set(replica, apply),
    };
  }
}

/** Two replicas without NATS and sockets, on one log and one database. The first one leads. */
export class TwoServices {
  readonly clock = new FakeClock();
  private readonly log = new SharedLog(this.clock);
  private readonly database = new MemoryDatabase();
  private leader = 'one';

  private constructor() {}

  static async start(): Promise<{
    readonly replicas: TwoServices;
    readonly one: ClusterService;
    readonly two: ClusterService;
  }> {
    const replicas = new TwoServices();
    const [one, two] = [await replicas.service('one'), await replicas.service('two')];
    await one.replicaSide.lead();
    return { replicas, one, two };
  }

  /** The second replica leads from now on. */
  async takeOver(two: ClusterService): Promise<void> {
    this.leader = 'two';
    await two.replicaSide.lead();
  }

  /** The leader has died, and no other replica leads. */
  nobodyLeads(): void {
    this.leader = '';
  }

  /** Appends a command as a replica does. */
  append(replica: string, command: LoggedCommand): void {
    this.log.of(replica).post(command);
  }

  /** Advances the time, and waits for everything that it starts. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let i = 0; i < 500; i++) await Promise.resolve();
  }

  /** The stores of the database that both write to. */
  async tables(): Promise<OwnStores> {
    const { own } = await this.database.open();
    if ('unusable' in own) throw new Error(own.unusable);
    return own;
  }

  private async service(name: string): Promise<ClusterService> {
    const { clock } = this;
    const { machines: store } = await this.database.open();
    const config = readConfig({ CLUSTERER_PERSISTENT_MODE: '1' });
    const dialectOf = clusterDialects(config.dialects, store.tableVersion, new Set());
    const isLeading = () => this.leader === name;
    const leadership = {
      replica: name,
      isReplica: true,
      get isLeading() {
        return isLeading();
      },
    };
    return new ClusterService(
      {
        store,
        own: await this.tables(),
        sender: { send: () => {}, disconnect: () => {}, close: async () => {} },
        replies: { reply: () => {} },
        resolver: { resolve: async (host) => ({ ips: [host], fault: null }) },
        clock,
        log: QUIET,
        replica: {
          commands: this.log.of(name),
          leadership,
          toLeader: async () => {
            throw new ServiceError('no_leader', 'Calls are made to the leader here.');
          },
          position: 0,
          awayMs: null,
          lagMs: 0,
          differences: 0,
          list: () => [],
          reached: async () => true,
        },
      },
      { ...config, dialectOf, fleets: fleetSettings(config, dialectOf) },
    );
  }
}
