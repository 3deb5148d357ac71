import type { MachineStore, NewMachineRow } from '../../src/service/ports/machine-store.js';
import { DESCRIPTIONS } from '../support/tables/foreign-tables.js';
import { createTable4 } from '../support/tables/table-version-4.js';
import { DATABASES, DEFAULT_COLUMNS, MEMORY, type OpenOptions, type ScratchDatabase } from './store-databases.js';

/** What every row of the table has in memory only. */
const MEMORY_ONLY = { lastAttempt: 0, duration: 60, noTries: 0 };

const NEW: NewMachineRow = {
  clusterId: 1,
  machineId: 3,
  url: 'bin:10.0.0.3:5566',
  state: 1,
  description: null,
  failedAttempts: 2,
  priority: 20,
  sipAddress: '10.0.0.3',
  ...MEMORY_ONLY,
};

const FIRST = {
  clustererId: 1,
  clusterId: 1,
  machineId: 1,
  url: 'bin:10.0.0.1:5566',
  state: 0,
  description: 'sip-1',
  failedAttempts: 5,
  priority: 10,
  sipAddress: '10.0.0.1:5060',
  ...MEMORY_ONLY,
};

const SECOND = {
  ...FIRST,
  clustererId: 2,
  machineId: 2,
  url: 'bin:10.0.0.2:5566',
  state: 1,
  description: null,
  failedAttempts: 3,
  priority: 50,
  sipAddress: null,
};

for (const database of [MEMORY, ...DATABASES]) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`The store on ${database.name} with a table of version 4`, () => {
    let scratch: ScratchDatabase;
    let store: MachineStore | undefined;

    beforeEach(async () => {
      scratch = await database.create();
      store = undefined;
    });

    afterEach(async () => {
      await store?.close();
      await scratch.drop();
    });

    async function open(options: Partial<OpenOptions> = {}): Promise<MachineStore> {
      const { machines } = await scratch.open({ table: 'clusterer', columns: DEFAULT_COLUMNS, ...options });
      store = machines;
      return machines;
    }

    describe('of its own', () => {
      it('inserts, updates, saves and removes rows', async () => {
        const machines = await open({ fresh: 4 });
        const stored = { clustererId: 1, ...NEW };

        expect(machines.tableVersion).toBe(4);
        expect(await machines.insert(NEW)).toEqual(stored);
        expect(await machines.insert({ ...NEW, url: 'bin:elsewhere:1' })).toBe('duplicate');
        expect(await machines.update(1, { priority: 7, sipAddress: null, description: 'x' })).toEqual({
          ...stored,
          priority: 7,
          sipAddress: null,
          description: 'x',
        });
        expect(await machines.update(1, {})).toMatchObject({ priority: 7, description: 'x' });
        await machines.saveStates([{ clustererId: 1, state: 0, noTries: 3, lastAttempt: 4 }]);
        expect((await machines.load()).rows).toMatchObject([{ state: 0, ...MEMORY_ONLY, priority: 7 }]);
        expect(await machines.remove(1)).toBe(true);
        expect(await machines.remove(1)).toBe(false);
        expect(await machines.update(1, { priority: 1 })).toBeNull();
      });

      it('gives a row the defaults of OpenSIPS for what is left out', async () => {
        const machines = await open({ fresh: 4 });
        const { priority: _, sipAddress: __, ...row } = NEW;

        expect(await machines.insert(row)).toEqual({ ...NEW, clustererId: 1, priority: 50, sipAddress: null });
      });

      it('keeps a temporary disabling as enabled', async () => {
        const machines = await open({ fresh: 4 });
        await machines.insert(NEW);
        await machines.insert({ ...NEW, machineId: 4 });

        await machines.saveStates([
          { clustererId: 1, state: 2, noTries: 3, lastAttempt: 4 },
          { clustererId: 2, state: 0, noTries: 0, lastAttempt: 0 },
        ]);

        expect((await machines.load()).rows.map(({ state }) => state)).toEqual([1, 0]);
      });
    });

    if (database.name === 'memory') return;

    const whole = () => scratch.run('SELECT * FROM clusterer ORDER BY id');

    it('reads a table of OpenSIPS, found by its columns, and alters nothing', async () => {
      await createTable4(database, scratch);
      const [described, rows] = [await scratch.run(DESCRIPTIONS[database.name]), await whole()];

      const machines = await open();

      expect(await machines.load()).toEqual({ rows: [FIRST, SECOND], skipped: [] });
      expect(await scratch.run(DESCRIPTIONS[database.name])).toEqual(described);
      expect(await whole()).toEqual(rows);
    });

    it('changes only the named columns of a table of OpenSIPS, and never its flags', async () => {
      await createTable4(database, scratch);
      const machines = await open();

      await machines.update(1, { url: 'bin:10.0.0.9:5566', failedAttempts: 9, description: null });
      await machines.saveStates([{ clustererId: 1, state: 2, noTries: 1, lastAttempt: 1 }]);
      await machines.insert({ ...NEW, description: null, sipAddress: null });

      const columns = 'node_id, url, state, no_ping_retries, priority, sip_addr, flags, description';
      const rows = await scratch.run(`SELECT ${columns} FROM clusterer WHERE node_id <> 2 ORDER BY id`);
      expect(rows.map((row) => row.map((value) => (value === null ? null : String(value))))).toEqual([
        ['1', 'bin:10.0.0.9:5566', '1', '9', '10', '10.0.0.1:5060', 'seed', null],
        ['3', 'bin:10.0.0.3:5566', '1', '2', '20', null, null, null],
      ]);
    });

    it('takes any state but 0 as enabled, and counts no NULL descriptions', async () => {
      await createTable4(database, scratch);
      await scratch.run('UPDATE clusterer SET state = 2 WHERE node_id = 2');

      const loaded = await (await open()).load();

      expect(loaded.rows.map(({ state }) => state)).toEqual([0, 1]);
      expect(loaded.nullDescriptions).toBeUndefined();
    });

    it('takes the node timeout as the duration of every row', async () => {
      await createTable4(database, scratch);

      const { rows } = await (await open({ nodeTimeoutSeconds: 7 })).load();

      expect(rows.map(({ duration }) => duration)).toEqual([7, 7]);
    });

    it('uses the names of the operator where they are set', async () => {
      await createTable4(database, scratch);
      await scratch.run('ALTER TABLE clusterer RENAME COLUMN description TO remark');
      await scratch.run('ALTER TABLE clusterer RENAME COLUMN id TO row_id');
      const columns = { ...DEFAULT_COLUMNS, description: 'remark', clusterer_id: 'row_id' };

      const machines = await open({ columns });

      expect((await machines.load()).rows).toEqual([FIRST, SECOND]);
      expect(await machines.insert(NEW)).toEqual({ ...NEW, clustererId: 3 });
    });

    it('refuses to start when a column is missing, and names it', async () => {
      await createTable4(database, scratch);
      await scratch.run('ALTER TABLE clusterer RENAME COLUMN priority TO prio');
      await scratch.run('ALTER TABLE clusterer RENAME COLUMN description TO remark');

      await expect(open()).rejects.toThrow(
        'The table "clusterer" has no column "description" (set CLUSTERER_DESCRIPTION_COL), "priority". It has: id, cluster_id, node_id, ',
      );
    });

    it("is created with OpenSIPS's columns where there is none, also under another name", async () => {
      const machines = await open({ fresh: 4, table: 'Fleet 1' });
      await machines.insert(NEW);
      const q = database.quote;

      const columns = 'id, cluster_id, node_id, url, state, no_ping_retries, priority, sip_addr, flags, description';
      const [row = []] = await scratch.run(`SELECT ${columns} FROM ${q('Fleet 1')}`);

      expect(row.map((value) => (value === null ? null : String(value)))).toEqual([
        '1',
        '1',
        '3',
        'bin:10.0.0.3:5566',
        '1',
        '2',
        '20',
        '10.0.0.3',
        null,
        null,
      ]);
    });
  });
}
