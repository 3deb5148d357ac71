import { parentPort, workerData } from 'node:worker_threads';
import { collectGarbageIfIdle } from '../../process/collect-garbage.js';
import type { MachineRow } from '../../service/ports/machine-store.js';
import type { Database } from '../opened.js';
import { type FromThread, faultOf, OPENING, type Opened, type ThreadData, type ToThread } from './messages.js';
import { openHere } from './open.js';
import { operationsOn } from './operations.js';

/** The program of the SQLite thread: opens the database in `workerData` and serves the calls of thread.ts. */

const send = (message: FromThread) => parentPort?.postMessage(message);
const sendOpened = (value: Opened) => send({ id: OPENING, value });
const log = { warn: (fields: object, warning: string) => send({ warning, fields }) };

/** By id: calls whose transaction waits until the main thread accepts the stored row. */
const undecided = new Map<number, (accepted: boolean) => void>();

function openedOf({ machines: { tableVersion }, keyFault, own }: Database): Opened {
  if ('unusable' in own) return { tableVersion, keyFault, own };
  const fleet = 'unusable' in own.fleet ? own.fleet : 'usable';
  return { tableVersion, keyFault, own: { lastId: own.history.lastId, fleet } };
}

function acceptOf(id: number): (stored: MachineRow) => Promise<void> {
  return async (stored) => {
    const accepted = new Promise<boolean>((resolve) => undecided.set(id, resolve));
    send({ id, stored });
    if (!(await accepted)) throw new Error('The stored row was not accepted.');
  };
}

/** Whether the first operation, which loads the table, is over. The garbage of the start is collected once, after it. */
let isStarted = false;

const opening = openHere(workerData as ThreadData, log);
const operations = opening.then(operationsOn);
// Without a call this rejection has no handler; the fault below reports it.
operations.catch(() => undefined);

opening.then(
  (database) => sendOpened(openedOf(database)),
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
  if (!isStarted) {
    isStarted = true;
    collectGarbageIfIdle();
  }
});
