import type { PrismaClient } from '../../generated/sqlite/client.js';
import type {
  FleetPeer,
  FleetPeerChange,
  FleetSequence,
  FleetStore,
  FleetTag,
  LoadedFleet,
} from '../../service/ports/fleet-store.js';
import { FAMILIES, type Family } from '../../wire/cluster/family.js';
import { reaching, reading } from '../unavailable.js';

/** Rows in one statement. */
const ROWS_PER_STATEMENT = 200;

const KINDS = ['links', 'topology', 'capabilities'] as const satisfies readonly FleetSequence['kind'][];

/** What the service knows of its fleets, through Prisma. A row with a kind or family that this version does not know is left alone. */
export class PrismaFleetStore implements FleetStore {
  constructor(private readonly client: PrismaClient) {}

  load(): Promise<LoadedFleet> {
    return reading(async () => {
      const sequences = await this.client.fleetSequence.findMany();
      const peers = await this.client.fleetPeer.findMany();
      const tags = await this.client.fleetTag.findMany();
      return {
        sequences: sequences.flatMap((row): FleetSequence[] => {
          const kind = KINDS.find((one) => one === row.kind);
          return kind === undefined ? [] : [{ ...row, kind }];
        }),
        peers: peers.flatMap((row): FleetPeer[] => {
          const family: Family | undefined = FAMILIES.find((one) => one === row.family);
          return family === undefined ? [] : [{ ...row, family }];
        }),
        tags: tags.map(({ clusterId, tag, failover, since, ...rest }) => {
          const ids = failover.split(',').filter((id) => id !== '');
          return { clusterId, tag, wish: { ...rest, failover: ids.map(Number), since: Number(since) } };
        }),
      };
    });
  }

  saveSequences(sequences: readonly FleetSequence[]): Promise<void> {
    return reaching(async () => {
      await this.client.$transaction(async ({ fleetSequence }) => {
        for (const some of slices(sequences)) {
          const where = some.map(({ clusterId, machineId, kind }) => ({ clusterId, machineId, kind }));
          await fleetSequence.deleteMany({ where: { OR: where } });
          await fleetSequence.createMany({ data: [...some] });
        }
      });
    });
  }

  savePeers(changes: readonly FleetPeerChange[]): Promise<void> {
    return reaching(async () => {
      await this.client.$transaction(async ({ fleetPeer }) => {
        for (const some of slices(changes)) {
          const where = some.map(({ clusterId, machineId }) => ({ clusterId, machineId }));
          await fleetPeer.deleteMany({ where: { OR: where } });
          const data = some.flatMap(({ family, ...peer }) => (family === null ? [] : [{ ...peer, family }]));
          if (data.length > 0) await fleetPeer.createMany({ data });
        }
      });
    });
  }

  saveTags(tags: readonly FleetTag[]): Promise<void> {
    return reaching(async () => {
      await this.client.$transaction(async ({ fleetTag }) => {
        for (const some of slices(tags)) {
          await fleetTag.deleteMany({ where: { OR: some.map(({ clusterId, tag }) => ({ clusterId, tag })) } });
          await fleetTag.createMany({ data: some.map(rowOf) });
        }
      });
    });
  }
}

function rowOf({ clusterId, tag, wish: { failover, since, ...rest } }: FleetTag) {
  return { clusterId, tag, ...rest, failover: failover.join(','), since: BigInt(since) };
}

function slices<T>(rows: readonly T[]): (readonly T[])[] {
  const count = Math.ceil(rows.length / ROWS_PER_STATEMENT);
  return Array.from({ length: count }, (_, i) => rows.slice(i * ROWS_PER_STATEMENT, (i + 1) * ROWS_PER_STATEMENT));
}
