import { nameOwnTables, nameTable, quoteIdentifier } from '../../../src/storage/names.js';

const COLUMNS = {
  clusterer_id: 'id',
  cluster_id: 'machine_id',
  machine_id: 'cluster_id',
  url: 'URL "of" `it`',
  state: 'state',
  description: 'description',
  failed_attempts: 'failed_attempts',
  last_attempt: 'last_attempt',
  duration: 'duration',
  no_tries: 'no_tries',
};

it.each([
  ['sqlite', 'SELECT `My "Table"`.`id`, `machine_id`, `cluster_id`, `URL "of" ``it```'],
  ['postgresql', 'SELECT "My ""Table"""."id", "machine_id", "cluster_id", "URL ""of"" `it`"'],
  ['mysql', 'SELECT `My "Table"`.`id`, `machine_id`, `cluster_id`, `URL "of" ``it```'],
] as const)("quoted names become the operator's, quoted for %s", (provider, sql) => {
  const naming = nameTable(provider, 'My "Table"', COLUMNS);

  expect(naming.toTable('SELECT "clusterer"."clusterer_id", "cluster_id", "machine_id", "url"')).toBe(sql);
  expect(naming.toTable('SELECT `clusterer`.`clusterer_id`, `cluster_id`, `machine_id`, `url`')).toBe(sql);
});

it('drops the qualifier of the table, whatever its name', () => {
  const naming = nameTable('postgresql', 'clusterer', COLUMNS);

  expect(
    naming.toTable('UPDATE "public"."clusterer" SET "state" = $1 WHERE "public"."clusterer"."clusterer_id" = $2'),
  ).toBe('UPDATE "clusterer" SET "state" = $1 WHERE "clusterer"."id" = $2');
  expect(naming.toTable('SELECT "clusterer"."clusterer"."state"')).toBe('SELECT "clusterer"."state"');
});

it('does not change literals, bare words and other identifiers', () => {
  const naming = nameTable('postgresql', 't', COLUMNS);
  const sql = `SELECT 'it''s "url"', url, "other" FROM other`;

  expect(naming.toTable(sql)).toBe(sql);
});

it('returns result columns with the names of the model', () => {
  const naming = nameTable('sqlite', 't', COLUMNS);

  expect(naming.fromTable(['id', 'machine_id', 'cluster_id', 'count'])).toEqual([
    'clusterer_id',
    'cluster_id',
    'machine_id',
    'count',
  ]);
});

it('doubles the quotes inside an identifier', () => {
  expect(quoteIdentifier('postgresql', 'a"b`c')).toBe('"a""b`c"');
  expect(quoteIdentifier('mysql', 'a"b`c')).toBe('`a"b``c`');
});

it('names the own tables after the clusterer table, and does not change their columns', () => {
  const sql = 'INSERT INTO "clusterer_history" ("cluster_id", "at") SELECT "public"."clusterer_drains"."until"';

  expect(nameOwnTables('postgresql', 'A "b"').toTable(sql)).toBe(
    'INSERT INTO "A ""b""_history" ("cluster_id", "at") SELECT "A ""b""_drains"."until"',
  );
  expect(nameOwnTables('mysql', 't').toTable(sql)).toBe(
    'INSERT INTO `t_history` (`cluster_id`, `at`) SELECT `t_drains`."until"',
  );
});
