import type { MachineStore, NewMachineRow } from '../../src/service/ports/machine-store.js';
import { DATABASES, DEFAULT_COLUMNS, MEMORY, type ScratchDatabase } from './store-databases.js';

const ROW: NewMachineRow = {
  clusterId: 1,
  machineId: 2,
  url: 'bin:127.0.0.2:5555',
  state: 1,
  description: 'sip-2',
  failedAttempts: 3,
  lastAttempt: 0,
  duration: 30,
  noTries: 0,
};

test('every database is reachable in CI', () => {
  const away = DATABASES.filter(({ reachable }) => !reachable).map(({ name }) => name);
  expect(process.env.CI === 'true' ? away : []).toEqual([]);
});

for (const database of [MEMORY, ...DATABASES]) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`The store on ${database.name}`, () => {
    let scratch: ScratchDatabase;
    let opened: MachineStore[];

    beforeEach(async () => {
      scratch = await database.create();
      opened = [];
    });

    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      await scratch.drop();
    });

    async function open(columns = DEFAULT_COLUMNS, table = 'clusterer'): Promise<MachineStore> {
      const { machines: store } = await scratch.open({ table, columns });
      opened.push(store);
      return store;
    }

    const q = database.quote;

    /** OpenSIPS 2.2's own table, with its version table. */
    async function createOpenSipsTable(notNull = 'NOT NULL', integer = 'INTEGER'): Promise<void> {
      await scratch.run(`CREATE TABLE clusterer (id ${database.key}, cluster_id INTEGER ${notNull},
        machine_id INTEGER NOT NULL, url CHAR(64) ${notNull}, state ${integer} DEFAULT 1 NOT NULL,
        last_attempt BIGINT DEFAULT 0 NOT NULL, failed_attempts INTEGER DEFAULT 3 NOT NULL,
        no_tries INTEGER DEFAULT 0 NOT NULL, duration INTEGER DEFAULT 30 ${notNull}, description CHAR(64),
        CONSTRAINT clusterer_idx UNIQUE (cluster_id, machine_id))`);
      await scratch.run(
        'CREATE TABLE version (table_name CHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL)',
      );
      await scratch.run("INSERT INTO version VALUES ('clusterer', 1)");
    }

    const OPENSIPS_COLUMNS = { ...DEFAULT_COLUMNS, clusterer_id: 'id' };

    describe('with a table of its own', () => {
      it('returns an inserted row as stored and loads it again', async () => {
        const store = await open();
        const stored = { clustererId: 1, ...ROW };

        expect(await store.insert(ROW)).toEqual(stored);
        expect(await store.load()).toEqual({ rows: [stored], skipped: [] });
      });

      it('loads rows in the order of their numeric ids', async () => {
        const store = await open();
        for (let machineId = 1; machineId <= 11; machineId++) await store.insert({ ...ROW, machineId });

        const { rows } = await store.load();

        expect(rows.map(({ clustererId }) => clustererId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      });

      it('returns duplicate when the cluster already has the machine, and changes nothing', async () => {
        const store = await open();
        await store.insert(ROW);

        expect(await store.insert({ ...ROW, url: 'bin:elsewhere:1' })).toBe('duplicate');
        expect((await store.load()).rows.map(({ url }) => url)).toEqual(['bin:127.0.0.2:5555']);
      });

      it('updates only the fields that are named', async () => {
        const store = await open();
        await store.insert(ROW);
        await store.saveStates([{ clustererId: 1, state: 1, noTries: 2, lastAttempt: 0 }]);

        const updated = await store.update(1, { url: 'bin:127.0.0.9:5555', description: null });

        expect(updated).toEqual({ clustererId: 1, ...ROW, url: 'bin:127.0.0.9:5555', description: null, noTries: 2 });
      });

      it('returns the row when an update names nothing or changes nothing', async () => {
        const store = await open();
        await store.insert(ROW);

        expect(await store.update(1, {})).toEqual({ clustererId: 1, ...ROW });
        expect(await store.update(1, { duration: 30 })).toEqual({ clustererId: 1, ...ROW });
      });

      it('reports a row that is gone when it is updated or removed', async () => {
        const store = await open();
        await store.insert(ROW);

        expect(await store.remove(1)).toBe(true);
        expect(await store.remove(1)).toBe(false);
        expect(await store.update(1, { duration: 5 })).toBeNull();
        expect(await store.update(1, {})).toBeNull();
      });

      it('saves the states of 1,000 rows at once, and touches no other row or column', async () => {
        const store = await open();
        await scratch.addMachines(1001);

        await store.saveStates(
          Array.from({ length: 1000 }, (_, i) => ({
            clustererId: i + 1,
            state: i % 3,
            noTries: i,
            lastAttempt: 1_700_000_000 + i,
          })),
        );

        const { rows } = await store.load();
        expect(rows).toHaveLength(1001);
        expect(rows[0]).toMatchObject({ url: 'bin:h1:1', state: 0, noTries: 0, lastAttempt: 1_700_000_000 });
        expect(rows[499]).toMatchObject({ url: 'bin:h500:1', state: 1, noTries: 499, lastAttempt: 1_700_000_499 });
        expect(rows[500]).toMatchObject({ url: 'bin:h501:1', state: 2, noTries: 500, lastAttempt: 1_700_000_500 });
        expect(rows[999]).toMatchObject({ duration: 30, state: 0, noTries: 999, lastAttempt: 1_700_000_999 });
        expect(rows[1000]).toMatchObject({ machineId: 1001, state: 1, noTries: 0, lastAttempt: 0 });
      });

      it('saves the states of the remaining rows when others are gone, and of none', async () => {
        const store = await open();
        await store.insert(ROW);

        await store.saveStates([
          { clustererId: 99, state: 2, noTries: 3, lastAttempt: 10 },
          { clustererId: 1, state: 2, noTries: 3, lastAttempt: 10 },
        ]);
        await store.saveStates([]);

        expect((await store.load()).rows).toEqual([{ clustererId: 1, ...ROW, state: 2, noTries: 3, lastAttempt: 10 }]);
      });

      it('serves many callers at once', async () => {
        const store = await open();

        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => store.insert({ ...ROW, machineId: (i % 25) + 1 })),
        );

        expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(25);
        expect((await store.load()).rows).toHaveLength(25);
      });
    });

    if (database.name === 'memory') return;

    describe('with rows of others', () => {
      it('keeps a missing description as an empty text and never as NULL, and any other text as it is', async () => {
        const store = await open();
        await store.insert({ ...ROW, description: null });
        await store.insert({ ...ROW, machineId: 3, description: `it's "ü" \\ 漢` });
        await store.insert({ ...ROW, machineId: 4 });
        await store.update(3, { description: null });
        await scratch.run("INSERT INTO clusterer (cluster_id, machine_id, url) VALUES (1, 5, 'bin:h:1')");

        const { rows, nullDescriptions } = await store.load();

        expect(rows.map(({ description }) => description)).toEqual([null, `it's "ü" \\ 漢`, null, null]);
        expect(nullDescriptions).toBeUndefined();
        expect(await scratch.run("SELECT clusterer_id FROM clusterer WHERE description = '' ORDER BY 1")).toHaveLength(
          3,
        );
      });

      it('reads NULL as no description, and counts these rows', async () => {
        const store = await open();
        await store.insert(ROW);
        await scratch.run('UPDATE clusterer SET description = NULL');

        expect(await store.load()).toMatchObject({ rows: [{ description: null }], nullDescriptions: 1 });
      });

      it('leaves no NULL in a row that it changes', async () => {
        const store = await open();
        await store.insert(ROW);
        await scratch.run('UPDATE clusterer SET description = NULL');
        await store.update(1, { duration: 9 });

        expect(await scratch.run("SELECT clusterer_id FROM clusterer WHERE description = ''")).toHaveLength(1);
      });

      it('fills in the defaults of OpenSIPS for rows that others insert', async () => {
        const store = await open();
        await scratch.run("INSERT INTO clusterer (cluster_id, machine_id, url) VALUES (1, 2, 'bin:h:1')");

        expect((await store.load()).rows).toEqual([
          {
            clustererId: 1,
            clusterId: 1,
            machineId: 2,
            url: 'bin:h:1',
            state: 1,
            description: null,
            failedAttempts: 3,
            lastAttempt: 0,
            duration: 30,
            noTries: 0,
          },
        ]);
      });

      it('loads and saves the times that OpenSIPS 2.2 writes', async () => {
        const store = await open();
        await store.insert(ROW);
        await scratch.run('UPDATE clusterer SET last_attempt = 8029399167908617523');

        const { rows } = await store.load();
        expect(rows[0]?.lastAttempt).toBe(8029399167908617000);
        await store.saveStates([{ clustererId: 1, state: 1, noTries: 0, lastAttempt: 8029399167908617000 }]);
        expect(await store.update(1, { duration: 5 })).toMatchObject({ duration: 5 });
      });
    });

    describe('beside another table', () => {
      it('creates a second table beside the first in the same database', async () => {
        const first = await open();
        const second = await open(DEFAULT_COLUMNS, 'other');
        await first.insert(ROW);
        await second.insert({ ...ROW, machineId: 3 });

        expect((await second.load()).rows.map(({ machineId }) => machineId)).toEqual([3]);
        expect(await second.insert({ ...ROW, machineId: 3 })).toBe('duplicate');
      });
    });

    describe('with a table of OpenSIPS 2.2', () => {
      it('uses it as it is and leaves the version table alone', async () => {
        await createOpenSipsTable();
        await scratch.run(
          "INSERT INTO clusterer (cluster_id, machine_id, url, description) VALUES (1, 2, 'bin:h:1', 'x')",
        );

        const store = await open(OPENSIPS_COLUMNS);
        const inserted = await store.insert({ ...ROW, machineId: 3 });
        await store.saveStates([{ clustererId: 1, state: 0, noTries: 1, lastAttempt: 2 }]);

        expect(inserted).toEqual({ clustererId: 2, ...ROW, machineId: 3 });
        expect((await store.load()).rows[0]).toMatchObject({
          clustererId: 1,
          url: 'bin:h:1',
          description: 'x',
          state: 0,
        });
        expect(await store.insert({ ...ROW, machineId: 3 })).toBe('duplicate');
        expect(await scratch.run('SELECT table_version FROM version')).toHaveLength(1);
      });

      it('refuses to start when a column is missing, and names it with its variable', async () => {
        await createOpenSipsTable();

        await expect(open()).rejects.toThrow(
          'The table "clusterer" has no column "clusterer_id" (set CLUSTERER_CLUSTERER_ID_COL). It has: id, cluster_id, machine_id, url, state, ',
        );
      });

      it('skips rows whose values are missing, and loads all others', async () => {
        await createOpenSipsTable('NULL');
        await scratch.run(`INSERT INTO clusterer (cluster_id, machine_id, url, duration) VALUES
          (1, 1, 'bin:h:1', 30), (NULL, 2, 'bin:h:1', 30), (1, 3, NULL, 30), (1, 4, 'bin:h:1', NULL), (1, 5, 'bin:h:1', 30)`);

        const { rows, skipped } = await (await open(OPENSIPS_COLUMNS)).load();

        expect(rows.map(({ machineId }) => machineId)).toEqual([1, 5]);
        expect(skipped).toEqual([
          { clustererId: 2, field: 'cluster_id', reason: 'cluster_id is NULL' },
          { clustererId: 3, field: 'url', reason: 'url is NULL' },
          { clustererId: 4, field: 'duration', reason: 'duration is NULL' },
        ]);
      });

      it('skips rows with text where an integer belongs, and passes any integer on', async () => {
        await createOpenSipsTable('NOT NULL', 'VARCHAR(20)');
        await scratch.run(`INSERT INTO clusterer (cluster_id, machine_id, url, state) VALUES
          (1, 1, 'bin:h:1', '-7'), (1, 2, 'bin:h:1', 'up'), (1, 3, 'bin:h:1', '1.5')`);

        const { rows, skipped } = await (await open(OPENSIPS_COLUMNS)).load();

        expect(rows.map(({ state }) => state)).toEqual([-7]);
        expect(skipped).toEqual([
          { clustererId: 2, field: 'state', reason: 'state is not an integer: "up"' },
          { clustererId: 3, field: 'state', reason: 'state is not an integer: "1.5"' },
        ]);
      });
    });

    describe('with names of the operator', () => {
      const HOSTILE = {
        clusterer_id: 'primary',
        cluster_id: 'machine_id',
        machine_id: 'cluster_id',
        url: 'select',
        state: 'State Of "Things"',
        description: "it's; DROP TABLE `x` --",
        failed_attempts: 'GROUP',
        last_attempt: 'last_attempt?',
        duration: '$1',
        no_tries: 'clusterer',
      };
      const TABLE = 'Order "By" `Me`';

      it('reads and writes reserved words, spaces, quotes, capitals and swapped columns', async () => {
        const store = await open(HOSTILE, TABLE);

        expect(await store.insert(ROW)).toEqual({ clustererId: 1, ...ROW });
        expect(await store.insert(ROW)).toBe('duplicate');
        await store.saveStates([{ clustererId: 1, state: 2, noTries: 3, lastAttempt: 4 }]);
        expect(await store.update(1, { duration: 9 })).toEqual({
          clustererId: 1,
          ...ROW,
          state: 2,
          noTries: 3,
          lastAttempt: 4,
          duration: 9,
        });
        expect(await store.remove(1)).toBe(true);
      });

      it('puts each value into the column that was named for it', async () => {
        const store = await open({ ...DEFAULT_COLUMNS, cluster_id: 'machine_id', machine_id: 'cluster_id' }, 'state');
        await store.insert({ ...ROW, clusterId: 10, machineId: 20 });

        const [row] = await scratch.run(`SELECT cluster_id, machine_id FROM ${q('state')}`);

        expect(row?.map(Number)).toEqual([20, 10]);
      });
    });
  });
}
