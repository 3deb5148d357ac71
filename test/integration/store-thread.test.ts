import type { HistoryEntry } from '../../src/service/ports/history-store.js';
import type { Delivery } from '../../src/service/ports/webhook-store.js';
import { openDatabase } from '../../src/storage/database.js';
import type { Database } from '../../src/storage/opened.js';
import { openInThisProcess } from '../support/tables/own-process.js';
import { ROW } from '../support/tables/rows.js';
import { DEFAULT_COLUMNS, DEFAULTS, SQLITE } from './store-databases.js';

const MACHINE = { clusterId: 1, machineId: 2 };
const DRAIN = { reason: 'kernel', until: null, by: 'alice', since: 1_700_000_000_456 };
const WISH = { owner: 2, failover: [3], afterMs: 500, fence: 4, since: 5, moves: 6 };
const DELIVERY: Delivery = { id: 1, webhook: 'pager', subject: '1/2', at: 1_000, body: '{}' };

function entry(id: number): HistoryEntry {
  return { ...MACHINE, id, at: 1_000 * id, kind: 'node_state', cause: 'operator', by: null, detail: { to: 'down' } };
}

function refuse(): void {
  throw new Error('not accepted');
}

/** Calls every method of every store, and returns the answers and failures. */
async function callAll({ machines, own, keyFault }: Database): Promise<unknown[]> {
  if ('unusable' in own || 'unusable' in own.fleet) throw new Error('the own tables cannot be used');
  const webhooks = await own.openWebhooks();
  if ('unusable' in webhooks) throw new Error(webhooks.unusable);
  const seen: unknown[] = [];
  const accept = (stored: unknown) => seen.push(['asked', stored]);
  const { drains, fleet } = own;
  const { store, lastId } = own.history;
  const calls: (() => Promise<unknown>)[] = [
    () => machines.insert(ROW, accept),
    () => machines.insert(ROW),
    () => machines.insert({ ...ROW, machineId: 3 }, refuse),
    () => machines.insert({ ...ROW, machineId: 4 }),
    () => machines.update(1, { duration: 5 }, accept),
    () => machines.update(1, { duration: 6 }, refuse),
    () => machines.saveStates([{ clustererId: 1, state: 2, noTries: 3, lastAttempt: 4 }]),
    () => machines.remove(2),
    () => machines.remove(9),
    () => machines.ping(),
    () => machines.load(),
    () => drains.save([{ ...MACHINE, drain: DRAIN }]),
    () => drains.load(),
    () => store.add([entry(1), entry(2), entry(3)]),
    () => store.purge(2_000, 9),
    () => store.newest({ before: 3 }, 9),
    () => store.lastStates(),
    () => fleet.saveSequences([{ ...MACHINE, kind: 'links', seq: 7 }]),
    () => fleet.savePeers([{ ...MACHINE, family: 'D1' }]),
    () => fleet.saveTags([{ clusterId: 1, tag: 'vip', wish: WISH }]),
    () => fleet.load(),
    () => webhooks.save([1, 2].map((id) => ({ delivery: { ...DELIVERY, id, at: 1_000 * id }, outcome: null }))),
    () => webhooks.purge(2_000),
    () => webhooks.load(),
  ];
  for (const call of calls) seen.push(await call().catch((error: Error) => error.message));
  await machines.close();
  return [machines.tableVersion, keyFault, lastId, ...seen];
}

test('the stores of the SQLite thread do what the stores in this process do', async () => {
  const threaded = await SQLITE.create();
  const here = await SQLITE.create();
  const options = { ...DEFAULTS, table: 'clusterer', columns: DEFAULT_COLUMNS };

  const seen = await callAll(await openDatabase({ ...options, url: threaded.url }));

  expect(seen).toContain('not accepted');
  expect(seen).toEqual(await callAll(await openInThisProcess({ ...options, url: here.url })));
  await threaded.drop();
  await here.drop();
});
