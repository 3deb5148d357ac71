import type { Database } from '../../src/storage/opened.js';
import { Cable } from '../support/peers/cable.js';
import { createEarlierTables } from '../support/tables/earlier-version.js';
import { createOpenSipsTable, DESCRIPTIONS } from '../support/tables/foreign-tables.js';
import { openInThisProcess } from '../support/tables/own-process.js';
import { ROW } from '../support/tables/rows.js';
import { createLimitedUser } from './limited-user.js';
import { DATABASES, DEFAULT_COLUMNS, DEFAULTS, type ScratchDatabase } from './store-databases.js';

const TABLE = { ...DEFAULTS, table: 'clusterer', columns: DEFAULT_COLUMNS };
const OPENSIPS = { ...DEFAULTS, table: 'clusterer', columns: { ...DEFAULT_COLUMNS, clusterer_id: 'id' } };

const FLEET = ['clusterer_sequences', 'clusterer_peers', 'clusterer_tags'];
const OWN = ['clusterer_drains', 'clusterer_history', ...FLEET];

/** `[version, created_table]` of every row. */
async function recordOf(scratch: ScratchDatabase, table = 'clusterer_schema'): Promise<number[][]> {
  return (await scratch.run(`SELECT version, created_table FROM ${table}`)).map((row) => row.map(Number));
}

/** Everything that an earlier version recorded. */
const earlierRecords = (scratch: ScratchDatabase) => scratch.run('SELECT * FROM _prisma_migrations ORDER BY id');

for (const database of DATABASES) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`The schema on ${database.name}`, () => {
    let scratch: ScratchDatabase;

    beforeEach(async () => {
      scratch = await database.create();
    });

    afterEach(async () => {
      await scratch.drop();
    });

    /** Opens the database, closes it, and returns the tables that the log named as created. */
    async function start(options = TABLE, look: (opened: Database) => Promise<unknown> = async () => {}) {
      const tables: unknown[] = [];
      const log = { warn: (fields: object) => tables.push('table' in fields ? fields.table : fields) };
      const opened = await openInThisProcess({ url: scratch.url, ...options }, log);
      await look(opened).finally(() => opened.machines.close());
      return tables;
    }

    it('is created on an empty database, with a warning for each table, and recorded as version 4', async () => {
      expect(await start()).toEqual(['clusterer', ...OWN]);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
      expect(await start()).toEqual([]);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
    });

    it('is recorded for each clusterer table by itself', async () => {
      await createOpenSipsTable(database, scratch);
      expect(await start(OPENSIPS)).toEqual(OWN);
      expect(await start({ ...TABLE, table: 'other' })).toEqual([
        'other',
        ...OWN.map((own) => own.replace('clusterer', 'other')),
      ]);

      expect(await recordOf(scratch)).toEqual([[4, 0]]);
      expect(await recordOf(scratch, 'other_schema')).toEqual([[4, 1]]);
    });

    it('leaves a table of OpenSIPS as it is, at the first start and at the next', async () => {
      await createOpenSipsTable(database, scratch);
      const described = await scratch.run(DESCRIPTIONS[database.name]);

      await start(OPENSIPS);
      await start(OPENSIPS);

      expect(await scratch.run(DESCRIPTIONS[database.name])).toEqual(described);
      expect(await scratch.run('SELECT cluster_id, machine_id, url FROM clusterer')).toHaveLength(2);
      expect(await recordOf(scratch)).toEqual([[4, 0]]);
    });

    it('of an earlier version is taken over with its rows, and the record of that version is not changed', async () => {
      await createEarlierTables(database, scratch);
      const before = await earlierRecords(scratch);
      const described = await scratch.run(DESCRIPTIONS[database.name]);

      const created = await start(TABLE, async ({ machines, own }) => {
        if ('unusable' in own) throw new Error(own.unusable);
        expect((await machines.load()).rows).toEqual([{ ...ROW, clustererId: 1, description: 'sip-2' }]);
        expect(await machines.insert({ ...ROW, machineId: 3 })).toMatchObject({ clustererId: 2 });
        expect(await own.drains.load()).toMatchObject([{ machineId: 2, drain: { reason: 'kernel', by: 'alice' } }]);
        expect(own.history.lastId).toBe(7);
      });

      expect(created).toEqual(FLEET);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
      expect(await earlierRecords(scratch)).toEqual(before);
      expect(await scratch.run(DESCRIPTIONS[database.name])).toEqual(described);
    });

    it.each([
      ['finished without a step', 'applied_steps_count = 0', 0],
      ['was begun only', 'applied_steps_count = 0, finished_at = NULL', 1],
      ['rolled back', 'rolled_back_at = CURRENT_TIMESTAMP', 0],
      ['called otherwise, as another application does', "migration_name = 'other'", 0],
    ])('knows who created the table from a record of an earlier version that %s', async (_, change, created) => {
      await createEarlierTables(database, scratch);
      await scratch.run(`UPDATE _prisma_migrations SET ${change} WHERE migration_name = '20260101000000_clusterer'`);

      await start();

      expect(await recordOf(scratch)).toEqual([[4, created]]);
    });

    it('reads the record of an earlier version once', async () => {
      await createEarlierTables(database, scratch);
      await start();
      await scratch.run('UPDATE _prisma_migrations SET applied_steps_count = 0');
      await start();

      expect(await recordOf(scratch)).toEqual([[4, 1]]);
    });

    it('of a version that had one table only gets the others', async () => {
      await createEarlierTables(database, scratch);
      for (const own of ['drains', 'history']) {
        await scratch.run(`DROP TABLE clusterer_${own}`);
        await scratch.run(`DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_clusterer_${own}'`);
      }

      expect(await start()).toEqual(OWN);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
    });

    it('of version 1 gets the tables of fleets, and is recorded as version 4 with its rows unchanged', async () => {
      await start(TABLE, ({ machines }) => machines.insert(ROW));
      for (const table of FLEET) await scratch.run(`DROP TABLE ${table}`);
      await scratch.run('UPDATE clusterer_schema SET version = 1');
      const described = await scratch.run(DESCRIPTIONS[database.name]);

      const created = await start(TABLE, async ({ machines, own }) => {
        expect((await machines.load()).rows).toEqual([{ ...ROW, clustererId: 1 }]);
        expect(own).toHaveProperty('fleet.load');
      });

      expect(created).toEqual(FLEET);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
      expect(await scratch.run(DESCRIPTIONS[database.name])).toEqual(described);
    });

    it('of version 2 gets the table of tags, and keeps its families', async () => {
      const peer = { clusterId: 1, machineId: 2, family: 'E' } as const;
      await start(TABLE, async ({ own }) => {
        if (!('drains' in own) || 'unusable' in own.fleet) throw new Error('no own tables');
        await own.fleet.savePeers([peer]);
      });
      await scratch.run('DROP TABLE clusterer_tags');
      await scratch.run('UPDATE clusterer_schema SET version = 2');

      const created = await start(TABLE, async ({ own }) => {
        if (!('drains' in own) || 'unusable' in own.fleet) throw new Error('no own tables');
        expect(await own.fleet.load()).toEqual({ sequences: [], peers: [peer], tags: [] });
      });

      expect(created).toEqual(['clusterer_tags']);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
    });

    it('of version 3 gets the table of webhooks when it is wanted, and keeps its tags', async () => {
      const wish = { owner: 2, failover: [3], afterMs: 10_000, fence: 1, since: 1, moves: 0 };
      await start(TABLE, async ({ own }) => {
        if (!('drains' in own) || 'unusable' in own.fleet) throw new Error('no own tables');
        await own.fleet.saveTags([{ clusterId: 1, tag: 'vip', wish }]);
      });
      await scratch.run('UPDATE clusterer_schema SET version = 3');

      const open = async ({ own }: Database) => {
        if (!('drains' in own) || 'unusable' in own.fleet) throw new Error('no own tables');
        expect((await own.fleet.load()).tags).toEqual([{ clusterId: 1, tag: 'vip', wish }]);
        expect(await own.openWebhooks()).toHaveProperty('load');
      };

      expect(await start(TABLE, open)).toEqual(['clusterer_webhooks']);
      expect(await start(TABLE, open)).toEqual([]);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
    });

    it('is created where a foreign table was dropped, which the record says', async () => {
      await createOpenSipsTable(database, scratch);
      await start(OPENSIPS);
      await scratch.run('DROP TABLE clusterer');

      expect(await start()).toEqual(['clusterer']);
      expect(await recordOf(scratch)).toEqual([[4, 1]]);
    });

    it('of a newer version is refused, and not changed', async () => {
      await start();
      await scratch.run('UPDATE clusterer_schema SET version = 5');

      await expect(start()).rejects.toThrow('made by a newer version of this service: their schema has version 5');
      expect(await recordOf(scratch)).toEqual([[5, 1]]);
    });

    it.each([
      ['an empty database', async () => {}],
      ['tables of an earlier version', () => createEarlierTables(database, scratch)],
    ])('is created and recorded once when several services start at once on %s', async (_, prepare) => {
      await prepare();
      await Promise.all([start(), start(), start(), start()]);

      expect(await recordOf(scratch)).toEqual([[4, 1]]);
      await start(TABLE, async ({ machines, own }) => {
        await machines.insert({ ...ROW, machineId: 9 });
        expect(await machines.insert({ ...ROW, machineId: 9 })).toBe('duplicate');
        expect(own).toHaveProperty('drains');
      });
    });
  });
}

for (const database of DATABASES.filter(({ name }) => name !== 'SQLite')) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`A start on an empty ${database.name}`, () => {
    it('that is cut off while the table is created is completed by the next one', async () => {
      const scratch = await database.create();
      const cable = new Cable(scratch.url);
      const url = await cable.join();
      const cut = cable.cutAt('failed_attempts');
      await expect(openInThisProcess({ url, ...TABLE })).rejects.toThrow('The database cannot be used: ');
      await cut;

      const { machines } = await openInThisProcess({ url: scratch.url, ...TABLE });
      await machines.insert(ROW);
      await machines.close();

      expect(await recordOf(scratch)).toEqual([[4, 1]]);
      await scratch.drop();
    });
  });

  suite(`A ${database.name} user who may not create tables`, () => {
    it('uses the table of an earlier version without a record', async () => {
      const scratch = await database.create();
      await createEarlierTables(database, scratch);
      const user = await createLimitedUser(database, scratch);
      await user.grant('SELECT, INSERT, UPDATE, DELETE');
      if (database.name === 'PostgreSQL') await scratch.run('REVOKE CREATE ON SCHEMA public FROM PUBLIC');

      const { machines } = await openInThisProcess({ url: user.url, ...TABLE });

      expect((await machines.load()).rows).toHaveLength(1);
      await machines.close();
      await expect(recordOf(scratch)).rejects.toThrow();
      await user.drop();
      await scratch.drop();
    });
  });
}
