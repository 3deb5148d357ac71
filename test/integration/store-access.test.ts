import { randomUUID } from 'node:crypto';
import { openMachineStore } from '../../src/storage/database.js';
import { ROW } from '../support/rows.js';
import { DATABASES, type DatabaseKind, DEFAULT_COLUMNS, type ScratchDatabase } from './store-databases.js';

const TABLE = { table: 'clusterer', columns: DEFAULT_COLUMNS };

interface LimitedUser {
  readonly url: string;
  grant(): Promise<void>;
  drop(): Promise<void>;
}

/** A user who may use what he is granted and create nothing. */
async function createLimitedUser(database: DatabaseKind, scratch: ScratchDatabase): Promise<LimitedUser> {
  const name = `limited_${randomUUID().slice(0, 8)}`;
  const password = 'p@ss/w#rd%';
  const url = new URL(scratch.url);
  url.username = name;
  url.password = encodeURIComponent(password);
  const run = async (statements: string[]) => {
    for (const sql of statements) await scratch.run(sql);
  };
  const rights = 'SELECT, INSERT, UPDATE, DELETE';

  if (database.name === 'PostgreSQL') {
    await run([`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`]);
    return {
      url: url.href,
      grant: () =>
        run([`GRANT ${rights} ON clusterer TO ${name}`, `GRANT ALL ON SEQUENCE clusterer_clusterer_id_seq TO ${name}`]),
      drop: () => run([`DROP OWNED BY ${name}`, `DROP ROLE ${name}`]),
    };
  }
  const schema = url.pathname.slice(1);
  await run([`CREATE USER ${name}@'%' IDENTIFIED BY '${password}'`, `GRANT SELECT ON ${schema}.* TO ${name}@'%'`]);
  return {
    url: url.href,
    grant: () => run([`GRANT ${rights} ON ${schema}.clusterer TO ${name}@'%'`]),
    drop: () => run([`DROP USER ${name}@'%'`]),
  };
}

for (const database of DATABASES.filter(({ name }) => name !== 'SQLite')) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`A ${database.name} user who may not create tables`, () => {
    let scratch: ScratchDatabase;
    let user: LimitedUser;

    beforeEach(async () => {
      scratch = await database.create();
      user = await createLimitedUser(database, scratch);
    });

    afterEach(async () => {
      await user.drop();
      await scratch.drop();
    });

    it('runs on a table that exists, without the record of migrations', async () => {
      const owner = await openMachineStore({ url: scratch.url, ...TABLE });
      await owner.close();
      await scratch.run('DROP TABLE _prisma_migrations');
      await user.grant();

      const store = await openMachineStore({ url: user.url, ...TABLE });
      const inserted = await store.insert(ROW);
      await store.close();

      expect(inserted).toEqual({ clustererId: 1, ...ROW });
    });

    it('is told what to do when the table is missing', async () => {
      await expect(openMachineStore({ url: user.url, ...TABLE })).rejects.toThrow(
        'There is no table "clusterer", and the database user may not create it. Grant CREATE, create the table, or correct CLUSTERER_DB_TABLE.',
      );
    });
  });
}

const postgresql = DATABASES.find(({ name }) => name === 'PostgreSQL');
const suite = postgresql?.reachable ? describe : describe.skip;

suite('A PostgreSQL URL with a schema', () => {
  it.each(['clusterer', 'Odd "Schema" \\ name'])('keeps the table there: %s', async (schema) => {
    const scratch = await postgresql?.create();
    if (scratch === undefined) throw new Error('There is no PostgreSQL among the databases.');
    const quoted = `"${schema.replaceAll('"', '""')}"`;
    await scratch.run(`CREATE SCHEMA ${quoted}`);
    const url = new URL(scratch.url);
    url.searchParams.set('schema', schema);

    const store = await openMachineStore({ url: url.href, ...TABLE });
    await store.insert(ROW);
    await store.update(1, { duration: 7 });
    await store.close();

    expect(await scratch.run(`SELECT duration FROM ${quoted}.clusterer`)).toEqual([[7]]);
    await scratch.drop();
  });
});
