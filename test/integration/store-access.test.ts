import { ROW } from '../support/tables/rows.js';
import { createLimitedUser, type LimitedUser } from './limited-user.js';
import { DATABASES, DEFAULT_COLUMNS, openMachineStore, type ScratchDatabase } from './store-databases.js';

const TABLE = { table: 'clusterer', columns: DEFAULT_COLUMNS };

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

    it('runs on a table that exists, without the record of the schema', async () => {
      const owner = await openMachineStore({ url: scratch.url, ...TABLE });
      await owner.close();
      await scratch.run('DROP TABLE clusterer_schema');
      await user.grant('SELECT, INSERT, UPDATE, DELETE');

      const store = await openMachineStore({ url: user.url, ...TABLE });
      const inserted = await store.insert(ROW);
      await store.close();

      expect(inserted).toEqual({ clustererId: 1, ...ROW });
    });

    it('gets an error with the remedy when the table is missing', async () => {
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

  it.each(['nosuch', 'closed'])(
    'that the user cannot use is named in the error, before anything is created: %s',
    async (schema) => {
      if (postgresql === undefined) throw new Error('There is no PostgreSQL among the databases.');
      const scratch = await postgresql.create();
      const user = await createLimitedUser(postgresql, scratch);
      await scratch.run('CREATE SCHEMA closed');
      const url = new URL(user.url);
      url.searchParams.set('schema', schema);

      await expect(openMachineStore({ url: url.href, ...TABLE })).rejects.toThrow(
        `CLUSTERER_DB_URL: there is no schema "${schema}" in this database, or the user may not use it.`,
      );
      await user.drop();
      await scratch.drop();
    },
  );
});
