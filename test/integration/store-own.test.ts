import type { SequenceKind } from '../../src/service/ports/fleet-store.js';
import type { HistoryEntry } from '../../src/service/ports/history-store.js';
import type { OwnStores } from '../../src/service/ports/own-stores.js';
import type { Delivery, WebhookStore } from '../../src/service/ports/webhook-store.js';
import type { ColumnNames } from '../../src/storage/names.js';
import type { Database } from '../../src/storage/opened.js';
import { openInThisProcess } from '../support/tables/own-process.js';
import { createLimitedUser } from './limited-user.js';
import { DATABASES, DEFAULT_COLUMNS, DEFAULTS, MEMORY, type ScratchDatabase } from './store-databases.js';

const DRAIN = { reason: `kernel "update" 漢's`, until: 1_800_000_000_123, by: 'alice', since: 1_700_000_000_456 };

function entry(id: number, more: Partial<HistoryEntry> = {}): HistoryEntry {
  const about = {
    clusterId: 1,
    machineId: 2,
    cause: 'operator',
    by: 'alice',
    detail: { from: 'up', to: `it's "down" 漢` },
  };
  return { id, at: 1_000 * id, kind: 'node_state', ...about, ...more };
}

function delivery(id: number, more: Partial<Delivery> = {}): Delivery {
  return { id, webhook: 'pager', subject: '1/2', at: 1_000 * id, body: `{"data":"it's 漢\u0001"}`, ...more };
}

async function webhooksOf(own: OwnStores): Promise<WebhookStore> {
  const store = await own.openWebhooks();
  if ('unusable' in store) throw new Error(store.unusable);
  return store;
}

for (const database of [MEMORY, ...DATABASES]) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`The own tables on ${database.name}`, () => {
    let scratch: ScratchDatabase;
    let opened: Database[];

    beforeEach(async () => {
      scratch = await database.create();
      opened = [];
    });

    afterEach(async () => {
      for (const { machines } of opened) await machines.close();
      await scratch.drop();
    });

    async function open(table = 'clusterer', columns: ColumnNames = DEFAULT_COLUMNS) {
      const database = await scratch.open({ table, columns });
      opened.push(database);
      return database;
    }

    async function own(...args: Parameters<typeof open>): Promise<OwnStores> {
      const { own } = await open(...args);
      if ('unusable' in own) throw new Error(own.unusable);
      return own;
    }

    it('keep a drain until it is replaced or removed', async () => {
      const { drains } = await own();
      const other = { reason: null, until: null, by: null, since: 1 };

      await drains.save([
        { clusterId: 1, machineId: 2, drain: DRAIN },
        { clusterId: 1, machineId: 3, drain: other },
        { clusterId: 2, machineId: 2, drain: DRAIN },
      ]);
      await drains.save([
        { clusterId: 1, machineId: 2, drain: other },
        { clusterId: 2, machineId: 2, drain: null },
        { clusterId: 9, machineId: 9, drain: null },
      ]);

      const byMachine = (await (await own()).drains.load()).sort((a, b) => a.machineId - b.machineId);
      expect(byMachine).toEqual([
        { clusterId: 1, machineId: 2, drain: other },
        { clusterId: 1, machineId: 3, drain: other },
      ]);
    });

    it('take a thousand drains at once', async () => {
      const { drains } = await own();
      const changes = Array.from({ length: 1000 }, (_, i) => ({ clusterId: 1, machineId: i + 1, drain: DRAIN }));

      await drains.save(changes);
      await drains.save(changes);
      await drains.save(changes.slice(1).map((change) => ({ ...change, drain: null })));

      expect(await drains.load()).toEqual(changes.slice(0, 1));
    });

    it('keep the sequence numbers of each machine of this service by kind, and the families of others', async () => {
      const { fleet } = await own();
      if ('unusable' in fleet) throw new Error(fleet.unusable);
      const used = (kind: SequenceKind, seq: number, machineId = 9) => ({ clusterId: 1, machineId, kind, seq });
      expect(await fleet.load()).toEqual({ sequences: [], peers: [], tags: [] });

      await fleet.saveSequences([used('links', 1), used('topology', 0), used('links', 5, 10)]);
      await fleet.saveSequences([used('links', 2 ** 31 - 1), used('capabilities', 3)]);
      await fleet.savePeers([
        { clusterId: 1, machineId: 2, family: 'C2' },
        { clusterId: 1, machineId: 3, family: 'E' },
        { clusterId: 2, machineId: 2, family: 'E' },
      ]);
      await fleet.savePeers([
        { clusterId: 1, machineId: 2, family: 'C3' },
        { clusterId: 1, machineId: 3, family: null },
        { clusterId: 8, machineId: 8, family: null },
      ]);
      await fleet.saveSequences([]);

      const again = (await own()).fleet;
      if ('unusable' in again) throw new Error(again.unusable);
      const { sequences, peers } = await again.load();
      expect([...sequences].sort((a, b) => a.machineId - b.machineId || a.kind.localeCompare(b.kind))).toEqual([
        used('capabilities', 3),
        used('links', 2 ** 31 - 1),
        used('topology', 0),
        used('links', 5, 10),
      ]);
      expect([...peers].sort((a, b) => a.clusterId - b.clusterId)).toEqual([
        { clusterId: 1, machineId: 2, family: 'C3' },
        { clusterId: 2, machineId: 2, family: 'E' },
      ]);
    });

    it('keep what operators want of each tag, with upper and lower case apart', async () => {
      const { fleet } = await own();
      if ('unusable' in fleet) throw new Error(fleet.unusable);
      const wish = { owner: 2, failover: [3, 12], afterMs: 10_000, fence: 4, since: 1_800_000_000_123, moves: 1 };
      const released = { ...wish, owner: null, failover: [], fence: 2 ** 31 - 1 };

      await fleet.saveTags([
        { clusterId: 1, tag: 'vip', wish },
        { clusterId: 2, tag: 'vip', wish },
      ]);
      await fleet.saveTags([
        { clusterId: 1, tag: 'VIP', wish },
        { clusterId: 2, tag: 'vip', wish: released },
      ]);

      const again = (await own()).fleet;
      if ('unusable' in again) throw new Error(again.unusable);
      const { tags } = await again.load();
      expect([...tags].sort((a, b) => a.clusterId - b.clusterId || (a.tag < b.tag ? -1 : 1))).toEqual([
        { clusterId: 1, tag: 'VIP', wish },
        { clusterId: 1, tag: 'vip', wish },
        { clusterId: 2, tag: 'vip', wish: released },
      ]);
    });

    it('return the history newest first, filtered', async () => {
      const { store } = (await own()).history;
      const reload = entry(3, { kind: 'reload', clusterId: null, machineId: null, cause: null, by: null, detail: {} });
      const entries = [entry(1), entry(2, { machineId: 3 }), reload, entry(4, { clusterId: 2 })];
      await store.add(entries);
      const idsOf = async (filter: object, limit = 10) => (await store.newest(filter, limit)).map(({ id }) => id);

      expect(await store.newest({}, 10)).toEqual([...entries].reverse());
      expect(await idsOf({}, 2)).toEqual([4, 3]);
      expect(await idsOf({ before: 3 })).toEqual([2, 1]);
      expect(await idsOf({ clusterId: 1 })).toEqual([2, 1]);
      expect(await idsOf({ clusterId: 1, machineId: 3 })).toEqual([2]);
      expect(await idsOf({ kind: 'reload' })).toEqual([3]);
      expect(await idsOf({ since: 2_000, until: 4_000 })).toEqual([3, 2]);
    });

    it('accept entries again whose first reply was lost, and know the newest at the next start', async () => {
      const { history } = await own();
      expect(history.lastId).toBe(0);
      const large = 1_024 * 1_800_000_000_000;

      await history.store.add([entry(large)]);
      await history.store.add([entry(large), entry(large + 1)]);

      const again = (await own()).history;
      expect((await again.store.newest({}, 10)).map(({ id }) => id)).toEqual([large + 1, large]);
      expect(again.lastId).toBe(large + 1);
    });

    it('return the last state of each machine that was not created or deleted since', async () => {
      const { store } = (await own()).history;
      const state = (id: number, machineId: number, to: string) => entry(id, { machineId, detail: { from: 'up', to } });
      const provisioned = (id: number, machineId: number, change: string) =>
        entry(id, { kind: 'provisioning', machineId, cause: null, detail: { change, url: 'bin:h', fields: [] } });
      await store.add([
        state(1, 2, 'temp_disabled'),
        state(2, 2, 'down'),
        provisioned(3, 2, 'changed'),
        { ...state(4, 2, 'up'), clusterId: 2 },
        state(5, 3, 'down'),
        provisioned(6, 3, 'deleted'),
        provisioned(7, 4, 'created'),
        entry(8, { kind: 'reload', clusterId: null, machineId: null, cause: 'start', by: null, detail: {} }),
        entry(9, { kind: 'drain', detail: { change: 'ended' } }),
      ]);
      const states = [...(await store.lastStates())].sort((a, b) => a.clusterId - b.clusterId);
      expect(states).toEqual([
        { clusterId: 1, machineId: 2, state: 'down' },
        { clusterId: 2, machineId: 2, state: 'up' },
      ]);
    });

    it('return the last states of thousands of machines', async () => {
      const { store } = (await own()).history;
      const states = (from: number) => Array.from({ length: 500 }, (_, i) => entry(from + i, { machineId: from + i }));
      for (let from = 1; from < 2_500; from += 500) await store.add(states(from));
      expect(await store.lastStates()).toHaveLength(2_500);
    });

    it('remove what is too old, and all but the newest', async () => {
      const { store } = (await own()).history;
      await store.add(Array.from({ length: 500 }, (_, i) => entry(i + 1)));
      const idsOf = async () => (await store.newest({}, 1000)).map(({ id }) => id);

      expect(await store.purge(0, 500)).toBe(0);
      expect(await store.purge(101_000, 500)).toBe(100);
      expect((await idsOf()).at(-1)).toBe(101);
      expect(await store.purge(0, 3)).toBe(397);
      expect(await idsOf()).toEqual([500, 499, 498]);
      expect(await store.purge(0, 0)).toBe(3);
    });

    it('keep deliveries in their order until they are made, or given up', async () => {
      const webhooks = await webhooksOf(await own());
      const large = delivery(1_024 * 1_800_000_000_000, { subject: '1/tag vip' });
      const all = [delivery(1), delivery(2, { webhook: 'chat' }), delivery(3), large];
      const given = { attempts: 290, failedAt: 86_403_000, error: 'HTTP 500' };

      await webhooks.save([...all].reverse().map((one) => ({ delivery: one, outcome: null })));
      expect(await webhooks.load()).toEqual(all);
      const changes = [
        { delivery: delivery(1), outcome: 'delivered' as const },
        { delivery: delivery(3), outcome: given },
        { delivery: delivery(9), outcome: 'delivered' as const },
      ];
      await webhooks.save(changes);
      await webhooks.save(changes);

      const again = await webhooksOf(await own());
      expect(await again.load()).toEqual([delivery(2, { webhook: 'chat' }), large]);
    });

    it('keep thousands of deliveries, and remove what is too old', async () => {
      const webhooks = await webhooksOf(await own());
      const all = Array.from({ length: 2_500 }, (_, i) => delivery(i + 1));
      await webhooks.save(all.map((one) => ({ delivery: one, outcome: null })));

      await webhooks.purge(2_000_000);

      expect(await webhooks.load()).toEqual(all.slice(1_999));
    });

    if (database.name === 'memory') return;

    it('keep a delivery that was given up with the reason', async () => {
      const webhooks = await webhooksOf(await own());
      const outcome = { attempts: 290, failedAt: 86_403_000, error: 'HTTP 500' };

      await webhooks.save([{ delivery: delivery(3), outcome }]);

      const [row = []] = await scratch.run('SELECT id, attempts, failed_at, error FROM clusterer_webhooks');
      expect(row.map(String)).toEqual(['3', '290', '86403000', 'HTTP 500']);
    });

    it('say why webhooks have no table when its name is taken, and are usable otherwise', async () => {
      await scratch.run('CREATE TABLE clusterer_webhooks (something INTEGER)');

      const stores = await own();

      expect(await stores.openWebhooks()).toEqual({ unusable: expect.any(String) });
      expect(await stores.drains.load()).toEqual([]);
    });

    it('keep their column names, whatever the operator calls those of the clusterer table', async () => {
      const swapped = { ...DEFAULT_COLUMNS, cluster_id: 'machine_id', machine_id: 'cluster_id', state: 'since' };
      const { drains, history } = await own('Order "By" `Me`', swapped);

      await drains.save([{ clusterId: 1, machineId: 2, drain: DRAIN }]);
      await history.store.add([entry(1)]);

      expect(await drains.load()).toEqual([{ clusterId: 1, machineId: 2, drain: DRAIN }]);
      expect(await history.store.newest({ clusterId: 1, machineId: 2 }, 9)).toEqual([entry(1)]);
      const quote = database.name === 'MariaDB' ? '`Order "By" ``Me``_drains`' : '"Order ""By"" `Me`_drains"';
      expect(await scratch.run(`SELECT count(*) FROM ${quote} WHERE machine_id = 2`)).toHaveLength(1);
    });

    it('are separate for each clusterer table in a database', async () => {
      const first = await own('first');
      const second = await own('second');

      await first.drains.save([{ clusterId: 1, machineId: 2, drain: DRAIN }]);
      await first.history.store.add([entry(1)]);

      expect(await second.drains.load()).toEqual([]);
      expect(await second.history.store.newest({}, 9)).toEqual([]);
      expect(await (await own('first')).drains.load()).toHaveLength(1);
    });

    it('are unusable, with the reason, when one of their names is taken', async () => {
      await scratch.run('CREATE TABLE clusterer_history (something INTEGER)');

      const { own, machines } = await open();

      expect(own).toEqual({ unusable: expect.any(String) });
      expect((await machines.load()).rows).toEqual([]);
    });
  });

  if (database.name === 'SQLite' || database.name === 'memory') continue;
  suite(`A ${database.name} user who may use the clusterer table and not create tables`, () => {
    it.each(['do not exist', 'exist'])(
      'has no own tables that %s and are not granted',
      async (which) => {
        const scratch = await database.create();
        const user = await createLimitedUser(database, scratch);
        const options = { ...DEFAULTS, table: 'clusterer', columns: DEFAULT_COLUMNS };
        await (await openInThisProcess({ url: scratch.url, ...options })).machines.close();
        if (which === 'do not exist') {
          for (const table of ['clusterer_drains', 'clusterer_history']) await scratch.run(`DROP TABLE ${table}`);
        }
        await user.grant('SELECT, INSERT, UPDATE, DELETE');

        const { machines, own } = await openInThisProcess({ url: user.url, ...options });

        expect(own).toEqual({ unusable: expect.stringMatching(/denied|may not/) });
        expect((await machines.load()).rows).toEqual([]);
        await machines.close();
        await user.drop();
        await scratch.drop();
      },
      20_000,
    );
  });
}
