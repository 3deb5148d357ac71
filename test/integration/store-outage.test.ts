import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseUnavailable } from '../../src/ground/errors.js';
import { Cable } from '../support/peers/cable.js';
import { DATABASES, DEFAULT_COLUMNS, openMachineStore } from './store-databases.js';

const TABLE = { table: 'clusterer', columns: DEFAULT_COLUMNS };

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error('The call was expected to fail.');
}

for (const database of DATABASES.filter(({ name }) => name !== 'SQLite')) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`The store when ${database.name} is away`, () => {
    it('rejects with DatabaseUnavailable, and works again without a restart when the database is back', async () => {
      const scratch = await database.create();
      const cable = new Cable(scratch.url);
      const url = new URL(await cable.join());
      if (database.name === 'MariaDB') url.searchParams.set('acquireTimeout', '500');
      const store = await openMachineStore({ url: url.href, ...TABLE });
      try {
        await cable.cut();
        const failures = [
          await failureOf(store.load()),
          await failureOf(store.saveStates([{ clustererId: 1, state: 1, noTries: 0, lastAttempt: 0 }])),
        ];
        expect(failures.map((failure) => failure instanceof DatabaseUnavailable)).toEqual([true, true]);
        expect(failures[0]?.message).toContain(`at 127.0.0.1:${url.port} (`);

        await cable.join();
        expect(await store.load()).toEqual({ rows: [], skipped: [] });
      } finally {
        await store.close();
        await cable.cut();
        await scratch.drop();
      }
    }, 30_000);

    it('reads over a new connection when those of the pool are dead', async () => {
      const scratch = await database.create();
      const cable = new Cable(scratch.url);
      const store = await openMachineStore({ url: await cable.join(), ...TABLE });
      try {
        for (let i = 0; i < 5; i++) {
          cable.goStale();
          expect(await store.load()).toEqual({ rows: [], skipped: [] });
          await store.ping();
        }
      } finally {
        await store.close();
        await cable.cut();
        await scratch.drop();
      }
    }, 30_000);
  });
}

const SERVERS = ['postgres', 'mysql'];

describe('Starting without a usable database', () => {
  // At the same time, because each waits for a time-out of the driver.
  it.concurrent.each(SERVERS)(
    'names host and port, and never the password (%s)',
    async (scheme) => {
      const closed = createServer().listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address() as AddressInfo;
      await once(closed.close(), 'close');

      const failure = await failureOf(
        openMachineStore({ url: `${scheme}://me:s3cret%40@127.0.0.1:${port}/x`, ...TABLE }),
      );

      expect(failure).toBeInstanceOf(DatabaseUnavailable);
      expect(failure.message).toContain(`at 127.0.0.1:${port} (`);
      expect(failure.message).not.toContain('s3cret');
    },
    20_000,
  );

  it.concurrent.each(SERVERS)(
    'fails on a server that accepts connections and sends nothing (%s)',
    async (scheme) => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;

      const failure = await failureOf(openMachineStore({ url: `${scheme}://me@127.0.0.1:${port}/x`, ...TABLE }));

      expect(failure).toBeInstanceOf(DatabaseUnavailable);
      for (const socket of sockets) socket.destroy();
      await once(silent.close(), 'close');
    },
    30_000,
  );

  it('fails with the file when the SQLite file cannot be opened', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clusterer-store-'));
    const failure = await failureOf(openMachineStore({ url: `file:${folder}`, ...TABLE }));
    rmSync(folder, { recursive: true });

    expect(failure).toBeInstanceOf(DatabaseUnavailable);
    expect(failure.message).toContain(`the SQLite file ${folder}`);
  });

  it('fails when the file is not a SQLite database', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clusterer-store-'));
    writeFileSync(join(folder, 'letter.txt'), 'Dear Sir or Madam, '.repeat(100));
    const failure = await failureOf(openMachineStore({ url: `file:${folder}/letter.txt`, ...TABLE }));
    rmSync(folder, { recursive: true });

    expect(failure.message).toContain('not a database');
  });
});

describe('A closed SQLite store', () => {
  it('lets the process end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clusterer-store-'));
    const script = `
      const { openDatabase } = require(${JSON.stringify(resolve('dist/storage/database.js'))});
      openDatabase(JSON.parse(process.argv[1])).then(async ({ machines: store }) => {
        await store.load();
        await store.close();
      });`;
    const options = { url: `file:${folder}/c.db`, ...TABLE };
    const child = spawn(process.execPath, ['-e', script, JSON.stringify(options)], { stdio: 'inherit' });

    expect(await once(child, 'exit')).toEqual([0, null]);
    rmSync(join(folder, 'c.db'));
    rmSync(folder, { recursive: true });
  }, 20_000);
});
