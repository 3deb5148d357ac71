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

/** Returns the packages of databases, and TypeBox, if the main thread has loaded them after this script. */
async function loadedBy(script: string): Promise<string[]> {
  const report = `
    const loaded = Object.keys(require.cache).map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1]);
    console.log(JSON.stringify([...new Set(loaded)].filter((name) => /^@prisma|^@libsql|^pg$|^mariadb$|^typebox$/.test(name))));`;
  const text = `(async () => { ${script}\n${report} })();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', text], { cwd: folder });
  return JSON.parse(stdout);
}

test('the service loads no database package before a database is opened, and TypeBox as a part of itself', async () => {
  expect(await loadedBy(`require(${JSON.stringify(join(DIST, 'app.js'))});`)).toEqual([]);
});

const OPEN_AND_CLOSE = `
  const { openDatabase } = require(${JSON.stringify(join(DIST, 'storage/database.js'))});
  const { readConfig } = require(${JSON.stringify(join(DIST, 'config/variables.js'))});
  const { databaseOptions } = require(${JSON.stringify(join(DIST, 'config/sections.js'))});
  const open = (url) => openDatabase(databaseOptions(readConfig({ CLUSTERER_DB_URL: url })));`;

test('SQLite loads Prisma and its driver in its thread, and nothing of them in the main thread', async () => {
  expect(await loadedBy(`${OPEN_AND_CLOSE} await (await open('file:./x.db')).machines.close();`)).toEqual([]);
});

test('a server database loads its own driver only', async () => {
  // Nothing listens there: the driver is loaded before that shows.
  const loaded = await loadedBy(`${OPEN_AND_CLOSE} await open('postgres://127.0.0.1:1/x').catch(() => {});`);
  expect(loaded).toEqual(expect.arrayContaining(['@prisma/client', 'pg']));
  expect(loaded.filter((name) => /libsql|maria/.test(name))).toEqual([]);
});
