import type { TableVersion } from '../../domain/cluster-dialect.js';
import { Prisma, type PrismaClient } from '../../generated/sqlite/client.js';
import type {
  MachineRow,
  MachineRowChange,
  NewMachineRow,
  RowProblem,
  StateChange,
} from '../../service/ports/machine-store.js';
import type { Field } from '../names.js';
import type { TextRow } from './text-rows.js';

/** The client, or a transaction of it. */
export type TableClient = Pick<PrismaClient, 'machine' | 'node'>;

/** What differs between the versions of the clusterer table. */
export interface MachineTable {
  readonly version: TableVersion;
  readonly fields: readonly Field[];
  /** Whether a description must not be NULL: OpenSIPS 2.2 ends when it reads one. */
  readonly refusesNull: boolean;
  read(row: TextRow): MachineRow | RowProblem;
  /** Despite the type of Prisma's client it is null when MySQL did not generate the key. */
  create(client: TableClient, row: NewMachineRow): Promise<{ readonly clustererId: number } | null>;
  /** Returns the number of rows with that key. */
  update(client: TableClient, clustererId: number, change: MachineRowChange): Promise<number>;
  /** Returns the number of rows that it removed. */
  remove(client: TableClient, clustererId: number): Promise<number>;
  has(client: TableClient, machine: Pick<NewMachineRow, 'clusterId' | 'machineId'>): Promise<boolean>;
  /** One statement for all changes. */
  updateStates(changes: readonly StateChange[]): Prisma.Sql;
}

type Value = (change: StateChange) => number | bigint;

/** An UPDATE that gives each row its own values. */
export function updateEach(changes: readonly StateChange[], values: readonly (readonly [Field, Value])[]): Prisma.Sql {
  const assigned = values.map(([field, value]) => {
    const cases = changes.map((change) => Prisma.sql`WHEN ${change.clustererId} THEN ${value(change)}`);
    const column = Prisma.raw(`"${field}"`);
    // ELSE never applies: it gives PostgreSQL the type of the parameters.
    return Prisma.sql`${column} = CASE "clusterer_id" ${Prisma.join(cases, ' ')} ELSE ${column} END`;
  });
  const keys = Prisma.join(changes.map((change) => change.clustererId));
  return Prisma.sql`UPDATE "clusterer" SET ${Prisma.join(assigned)} WHERE "clusterer_id" IN (${keys})`;
}
