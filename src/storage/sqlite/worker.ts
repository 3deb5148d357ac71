import { parentPort, workerData } from 'node:worker_threads';
import { parseDatabaseUrl } from '../../config/database-url.js';
import type { MachineRow } from '../../service/ports.js';
import { openStores } from '../open-stores.js';
import type { Database, DatabaseOptions } from '../opened.js';
import { openSqlite } from './driver.js';
import { willCreate } from './file.js';
import { type FromThread, faultOf, OPENING, type Opened, type ToThread } from './messages.js';
import { operationsOn } from './operations.js';

/** The program of the SQLite thread: opens the database of `workerData`, and serves the calls of thread.ts. */

const send = (message: FromThread) => parentPort?.postMessage(message);
const sendOpened = (value: Opened) => send({ id: OPENING, value });
const log = { warn: (fields: object, warning: string) => send({ warning, fields }) };

/** Calls whose transaction waits until the main thread has accepted the stored row, by id. */
const undecided = new Map<number, (accepted: boolean) => void>();

async function open(options: DatabaseOptions): Promise<Database> {
  const target = parseDatabaseUrl(options.url);
  if (target.provider !== 'sqlite') throw new Error('The SQLite thread opens SQLite files only.');
  const created = willCreate(target);
  const connect = async () => {
    const driver = await openSqlite(target.url, log);
    if (created) log.warn({ file: target.file }, 'a new database file was created');
    return driver;
  };
  return openStores(options, target, connect, log);
}

function acceptOf(id: number): (stored: MachineRow) => Promise<void> {
  return async (stored) => {
    const accepted = new Promise<boolean>((resolve) => undecided.set(id, resolve));
    send({ id, stored });
    if (!(await accepted)) throw new Error('The stored row was not accepted.');
  };
}

const opening = open(workerData as DatabaseOptions);
const operations = opening.then(operationsOn);

opening.then(
  ({ keyFault, own }) => sendOpened({ keyFault, own: 'unusable' in own ? own : { lastId: own.history.lastId } }),
  (error: unknown) => send({ id: OPENING, fault: faultOf(error) }),
);

parentPort?.on('message', async (message: ToThread) => {
  const { id } = message;
  if ('accepted' in message) {
    undecided.get(id)?.(message.accepted);
    undecided.delete(id);
    return;
  }
  try {
    const operation = (await operations)[message.call] as (...args: unknown[]) => Promise<unknown>;
    const value = await operation(...message.args, ...(message.asks ? [acceptOf(id)] : []));
    send({ id, value });
  } catch (error) {
    send({ id, fault: faultOf(error) });
  }
});
