import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { processFolder } from '../support/service/service-process.js';

/** Starting a process takes a second on a busy machine. */
jest.setTimeout(30_000);

const DIST = resolve(__dirname, '../../dist');

const folder = processFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The database packages that a process has loaded after this script. */
async function loadedBy(script: string): Promise<string[]> {
  const report = `
    const loaded = Object.keys(require.cache).map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1]);
    console.log(JSON.stringify([...new Set(loaded)].filter((name) => /^@prisma|^@libsql|^pg$|^mariadb$/.test(name))));`;
  const text = `(async () => { ${script}\n${report} })();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', text], { cwd: folder });
  return JSON.parse(stdout);
}

test('app.js loads no database package before a database is opened', async () => {
  expect(await loadedBy(`require(${JSON.stringify(join(DIST, 'app.js'))});`)).toEqual([]);
});

test('opening a database loads its own driver only', async () => {
  const loaded = await loadedBy(`
    const { openDatabase } = require(${JSON.stringify(join(DIST, 'storage/database.js'))});
    const { readConfig } = require(${JSON.stringify(join(DIST, 'config/variables.js'))});
    const { databaseOptions } = require(${JSON.stringify(join(DIST, 'config/sections.js'))});
    const { machines } = await openDatabase(databaseOptions(readConfig({})));
    await machines.close();`);
  expect(loaded).toContain('@prisma/client');
  expect(
    loaded.filter((name) => ['pg', 'mariadb', '@prisma/adapter-pg', '@prisma/adapter-mariadb'].includes(name)),
  ).toEqual([]);
});
