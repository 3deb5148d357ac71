import { openDatabase } from '../../src/storage/database.js';
import { Cable } from '../support/peers/cable.js';
import { createOpenSipsTable } from '../support/tables/foreign-tables.js';
import { ROW } from '../support/tables/rows.js';
import { DATABASES, DEFAULT_COLUMNS, openMachineStore, type ScratchDatabase } from './store-databases.js';

const TABLE = { table: 'clusterer', columns: DEFAULT_COLUMNS };

/** The records of the service's own tables. */
const OWN_TABLES = [
  ['20260201000000_clusterer_drains', 1, 1],
  ['20260202000000_clusterer_history', 1, 1],
];

/** `[name, whether it is finished, steps]` of every record. */
async function records(scratch: ScratchDatabase): Promise<unknown[][]> {
  const rows = await scratch.run(
    'SELECT migration_name, finished_at IS NOT NULL, applied_steps_count FROM _prisma_migrations ORDER BY 1',
  );
  return rows.map(([name, finished, steps]) => [name, Number(finished), Number(steps)]);
}

for (const database of DATABASES) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`Migrating ${database.name}`, () => {
    let scratch: ScratchDatabase;

    beforeEach(async () => {
      scratch = await database.create();
    });

    afterEach(async () => {
      await scratch.drop();
    });

    it('warns of each table that it creates, and of none that is there', async () => {
      const created = async (more: object = {}) => {
        const tables: unknown[] = [];
        const options = { url: scratch.url, ...TABLE, ...more };
        const { machines } = await openDatabase(options, { warn: (fields) => tables.push(Object(fields).table) });
        await machines.close();
        return tables;
      };
      const opensips = { columns: { ...DEFAULT_COLUMNS, clusterer_id: 'id' } };
      await createOpenSipsTable(database, scratch);
      expect(await created(opensips)).toEqual(['clusterer_drains', 'clusterer_history']);
      expect(await created(opensips)).toEqual([]);
      expect(await created({ table: 'other' })).toEqual(['other', 'other_drains', 'other_history']);
    });

    it('takes a table for its own whose record was begun and never finished', async () => {
      await (await openMachineStore({ url: scratch.url, ...TABLE })).close();
      await scratch.run('UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0');

      await (await openMachineStore({ url: scratch.url, ...TABLE })).close();

      expect(await records(scratch)).toEqual([['20260101000000_clusterer', 1, 1], ...OWN_TABLES]);
    });

    it('creates a table whose record was begun, and that is not there', async () => {
      await (await openMachineStore({ url: scratch.url, ...TABLE })).close();
      await scratch.run('UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0');
      await scratch.run('DROP TABLE clusterer');

      const store = await openMachineStore({ url: scratch.url, ...TABLE });
      await store.insert(ROW);
      await store.close();

      expect(await records(scratch)).toEqual([['20260101000000_clusterer', 1, 1], ...OWN_TABLES]);
    });

    it('baselines a foreign table beside the migrations of another application', async () => {
      await (await openMachineStore({ url: scratch.url, ...TABLE })).close();
      await scratch.run(
        "UPDATE _prisma_migrations SET migration_name = '20240101000000_other' WHERE migration_name = '20260101000000_clusterer'",
      );

      await (await openMachineStore({ url: scratch.url, ...TABLE })).close();

      expect(await records(scratch)).toEqual([
        ['20240101000000_other', 1, 1],
        ['20260101000000_clusterer', 1, 0],
        ...OWN_TABLES,
      ]);
    });
  });
}

for (const database of DATABASES.filter(({ name }) => name !== 'SQLite')) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`A start on an empty ${database.name} that is cut off between the table and the end of its record`, () => {
    it('is made good by the next one', async () => {
      const scratch = await database.create();
      const cable = new Cable(scratch.url);
      const url = await cable.join();
      const cut = cable.cutAt('SET finished_at');
      await expect(openMachineStore({ url, ...TABLE })).rejects.toThrow('The database cannot be used: ');
      await cut;

      const store = await openMachineStore({ url: scratch.url, ...TABLE });
      await store.insert(ROW);
      await store.close();

      expect(await records(scratch)).toEqual([['20260101000000_clusterer', 1, 1], ...OWN_TABLES]);
      await scratch.drop();
    });
  });
}
