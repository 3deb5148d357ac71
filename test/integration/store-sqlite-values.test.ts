import type { MachineStore } from '../../src/service/ports/machine-store.js';
import { DEFAULT_COLUMNS, openMachineStore, type ScratchDatabase, SQLITE } from './store-databases.js';

let scratch: ScratchDatabase;
let store: MachineStore;

beforeEach(async () => {
  scratch = await SQLITE.create();
  store = await openMachineStore({ url: scratch.url, table: 'clusterer', columns: DEFAULT_COLUMNS });
});

afterEach(async () => {
  await store.close();
  await scratch.drop();
});

/** SQLite stores any type in any column. */
it.each([
  ["'sip-2'", 'sip-2'],
  ["''", null],
  ['\'"a\\b"\' || char(10, 31, 8232, 128512)', '"a\\b"\n\u001f\u2028😀'],
  ['7', '7'],
  ['1.5', '1.5'],
  ['9223372036854775807', '9223372036854775807'],
  ["x'736970'", 'sip'],
  ["json('[1]')", '[1]'],
  ["'sip' || char(0) || '2'", 'sip'],
])('reads the description %s as the text %j', async (value, description) => {
  await scratch.run(
    `INSERT INTO clusterer (cluster_id, machine_id, url, description) VALUES (1, 2, 'bin:h:1', ${value})`,
  );

  const { rows, skipped } = await store.load();

  expect(rows.map((row) => row.description)).toEqual([description]);
  expect(skipped).toEqual([]);
});

it('loads an empty table', async () => {
  expect(await store.load()).toEqual({ rows: [], skipped: [] });
});
