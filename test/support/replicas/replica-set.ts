import { databaseNamed, type ScratchDatabase } from '../../integration/store-databases.js';
import { NatsCable } from '../nats/nats-cable.js';
import { describeWithNats, NatsServer } from '../nats/nats-server.js';
import type { Answer } from '../service/checked-requests.js';
import { eventually } from '../service/eventually.js';
import { ReplicaProcess } from './replica-process.js';

const database = databaseNamed('PostgreSQL');
const hasDatabase = process.env.CI === 'true' || database.reachable;

/** Tests are skipped where nats-server or PostgreSQL is missing, and fail there with CI=true. */
export const describeWithReplicas = hasDatabase ? describeWithNats : describe.skip;

export interface ReplicaSetOptions {
  readonly replicas?: number;
  /** Servers of NATS; by default the set starts one of its own. The set stops them. */
  readonly servers?: readonly NatsServer[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Each replica reaches NATS through a cable of its own. */
  readonly cables?: boolean;
}

/** Replicas that share a log and a database of their own. */
export class ReplicaSet {
  private constructor(
    readonly all: readonly ReplicaProcess[],
    readonly servers: readonly NatsServer[],
    readonly database: ScratchDatabase,
    readonly environment: Readonly<Record<string, string>>,
    private readonly cables: ReadonlyMap<string, NatsCable>,
  ) {}

  /** Resolves when all replicas listen and one leads. */
  static async start(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
    const { replicas = 3, servers = [await NatsServer.start()] } = options;
    const scratch = await database.create();
    const environment = {
      CLUSTERER_DB_URL: scratch.url,
      CLUSTERER_NATS_URL: servers.map(({ url }) => url).join(','),
      CLUSTERER_LOG_LEVEL: 'debug',
      ...options.environment,
    };
    const names = ['a', 'b', 'c', 'd', 'e'].slice(0, replicas);
    const cables = new Map<string, NatsCable>();
    const all: ReplicaProcess[] = [];
    for (const name of names) {
      const cable = options.cables ? NatsCable.to(servers[0]?.port ?? 0) : null;
      if (cable !== null) cables.set(name, cable);
      const through = cable === null ? {} : { CLUSTERER_NATS_URL: await cable.join() };
      all.push(new ReplicaProcess(name, { ...environment, ...through }));
    }
    const set = new ReplicaSet(all, servers, scratch, environment, cables);
    try {
      await Promise.all(all.map((replica) => replica.start()));
      await set.leader();
    } catch (error) {
      await set.stop();
      throw error;
    }
    return set;
  }

  /** The first server of NATS. */
  get nats(): NatsServer {
    const [first] = this.servers;
    if (first === undefined) throw new Error('the set has no server of NATS');
    return first;
  }

  /** Between a replica and NATS. */
  cableOf({ name }: ReplicaProcess): NatsCable {
    const cable = this.cables.get(name);
    if (cable === undefined) throw new Error('the set was started without cables');
    return cable;
  }

  /** The replica that leads, once there is one. @param among by default those that run */
  async leader(among = this.running): Promise<ReplicaProcess> {
    let leader: ReplicaProcess | undefined;
    await eventually(async () => {
      const leads = await Promise.all(among.map((replica) => isLeading(replica)));
      leader = among.find((_, i) => leads[i]);
      return leader !== undefined;
    });
    return leader as ReplicaProcess;
  }

  /** The replicas that do not lead. */
  async followers(): Promise<[ReplicaProcess, ReplicaProcess]> {
    const leader = await this.leader();
    return this.running.filter((replica) => replica !== leader) as [ReplicaProcess, ReplicaProcess];
  }

  get running(): ReplicaProcess[] {
    return this.all.filter(({ isRunning }) => isRunning);
  }

  /** Provisions a machine at a replica. */
  async provision(at: ReplicaProcess, clusterId: number, machineId: number, url: string, more = {}): Promise<Answer> {
    const body = { machine_id: machineId, url, ...more };
    const answer = await at.request('POST', `/clusters/${clusterId}/machines`, body);
    if (answer.status !== 201) throw new Error(`provisioning answered ${answer.text}`);
    return answer;
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((replica) => replica.discard()));
    await Promise.all([...this.cables.values()].map((cable) => cable.discard()));
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.database.drop();
  }
}

async function isLeading(replica: ReplicaProcess): Promise<boolean> {
  const answer = await fetch(`${replica.url}/leaderz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  return answer?.status === 200;
}
