import { DatabaseUnavailable } from '../../src/ground/errors.js';
import type { MachineStore } from '../../src/service/ports/machine-store.js';
import { ROW } from '../support/tables/rows.js';
import { DATABASES, DEFAULT_COLUMNS, openMachineStore, type ScratchDatabase } from './store-databases.js';

type Name = (typeof DATABASES)[number]['name'];

/** Statements that let every write of this kind fail with that SQLSTATE, on MariaDB also with that number. */
const FAIL: Readonly<Record<Exclude<Name, 'SQLite'>, (event: string, code: string) => string[]>> = {
  PostgreSQL: (event, code) => [
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'words of the server' USING ERRCODE = '${code}'; END $$`,
    `CREATE TRIGGER fail BEFORE ${event} ON clusterer FOR EACH ROW EXECUTE FUNCTION fail()`,
  ],
  MariaDB: (event, code) => {
    const [state, number] = code.split('/');
    return [
      `CREATE TRIGGER fail BEFORE ${event} ON clusterer FOR EACH ROW SIGNAL SQLSTATE '${state}'
        SET MYSQL_ERRNO = ${number}, MESSAGE_TEXT = 'words of the server'`,
    ];
  },
};

const CODES: Readonly<Record<Exclude<Name, 'SQLite'>, readonly string[]>> = {
  // A full disk, a time-out, a lock, read-only, a lost race, an internal error, and some of other classes.
  PostgreSQL: [
    '53100',
    '57014',
    '55P03',
    '25006',
    '40001',
    'XX000',
    '55000',
    '0A000',
    '54000',
    '42804',
    '2F004',
    'U0001',
    '42601',
  ],
  // Galera, a full disk, a full table, a lock, two time-outs, read-only, a deadlock, and some others.
  MariaDB: [
    '08S01/1047',
    'HY000/1021',
    'HY000/1114',
    'HY000/1205',
    '70100/1969',
    'HY000/3024',
    'HY000/1290',
    '40001/1213',
    'HY000/1288',
    '45000/1644',
    'HY000/4999',
    '23000/1451',
    '42000/1064',
  ],
};

const VIEW: Readonly<Record<Name, string>> = {
  SQLite: 'CREATE VIEW clusterer AS SELECT * FROM real_rows',
  PostgreSQL: 'CREATE VIEW clusterer AS SELECT DISTINCT * FROM real_rows',
  MariaDB: 'CREATE VIEW clusterer AS SELECT DISTINCT * FROM real_rows',
};

async function failureOf(work: Promise<unknown>): Promise<DatabaseUnavailable> {
  const outcome: unknown = await work.catch((error: unknown) => error);
  if (outcome instanceof DatabaseUnavailable) return outcome;
  throw new Error(
    `The call was expected to be refused: ${outcome instanceof Error ? outcome.stack : JSON.stringify(outcome)}`,
  );
}

for (const database of DATABASES) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`What ${database.name} refuses`, () => {
    let scratch: ScratchDatabase;
    let store: MachineStore;

    beforeEach(async () => {
      scratch = await database.create();
      store = await open();
    });

    afterEach(async () => {
      await store.close();
      await scratch.drop();
    });

    const open = () => openMachineStore({ url: scratch.url, table: 'clusterer', columns: DEFAULT_COLUMNS });
    const rows = async () => (await store.load()).rows;

    async function refusesAll(words: RegExp): Promise<void> {
      const before = await rows();
      for (const work of [
        () => store.insert({ ...ROW, machineId: 7 }),
        () => store.update(1, { duration: 7 }),
        () => store.remove(1),
      ]) {
        const { message } = await failureOf(work());
        expect(message).toMatch(words);
        expect(message).not.toContain('\n');
      }
      expect(await rows()).toEqual(before);
    }

    it('is reported in its words for a view that takes no rows, and nothing is written', async () => {
      await store.insert(ROW);
      await scratch.run('ALTER TABLE clusterer RENAME TO real_rows');
      await scratch.run(VIEW[database.name]);
      await refusesAll(/view|updatable|insertable/i);
    });

    it('is reported in its words for a row that a foreign key holds', async () => {
      await store.insert(ROW);
      await scratch.run(
        'CREATE TABLE used (machine INTEGER, FOREIGN KEY (machine) REFERENCES clusterer (clusterer_id))',
      );
      await scratch.run('INSERT INTO used VALUES (1)');

      expect((await failureOf(store.remove(1))).message).toMatch(/foreign key/i);
      expect(await rows()).toHaveLength(1);
    });

    it('is reported for a value that must be unique', async () => {
      await scratch.run(`CREATE UNIQUE INDEX one_url ON clusterer (url)`);
      await store.insert(ROW);
      await store.insert({ ...ROW, machineId: 3, url: 'bin:127.0.0.3:5555' });

      expect((await failureOf(store.update(2, { url: ROW.url }))).message).toMatch(/unique/i);
      expect((await failureOf(store.insert({ ...ROW, machineId: 4 }))).message).toContain('must be unique');
      expect((await rows()).map(({ url }) => url)).toEqual([ROW.url, 'bin:127.0.0.3:5555']);
    });

    it('leaves no row when the caller does not accept the stored row', async () => {
      await store.insert(ROW);
      const refuse = () => {
        throw new DatabaseUnavailable('not this');
      };

      expect((await failureOf(store.insert({ ...ROW, machineId: 3 }, refuse))).message).toBe('not this');
      expect((await failureOf(store.update(1, { duration: 7 }, refuse))).message).toBe('not this');
      expect(await rows()).toEqual([{ clustererId: 1, ...ROW }]);
    });

    if (database.name === 'SQLite') return;
    const { name } = database as { name: Exclude<Name, 'SQLite'> };
    it.each(CODES[name])('is reported in its words, whatever the code is: %s', async (code) => {
      await store.insert(ROW);
      for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
        for (const sql of FAIL[name](event, code)) await scratch.run(sql.replaceAll(' fail', ` fail_${event}`));
      }
      await refusesAll(
        code === '40001' || code.endsWith('/1213') || code.endsWith('/1451') ? /database/ : /words of the server/,
      );
    });
  });
}
