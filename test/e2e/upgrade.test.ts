import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATABASES, type ScratchDatabase } from '../integration/store-databases.js';
import { closeReceiversAfterEach, WebhookReceiver } from '../support/peers/webhook-receiver.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { createTablesOf01, SCHEMAS_OF_0_1, WAITING } from '../support/tables/schema-versions.js';

jest.setTimeout(30_000);

let scratch: ScratchDatabase | undefined;
const folder = mkdtempSync(join(tmpdir(), 'clusterer-upgrade-'));
const secret = join(folder, 'secret');
writeFileSync(secret, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n');
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => scratch?.drop());
stopServicesAfterEach();
closeReceiversAfterEach();

/** Everything of these databases that REST shows. */
async function shown(service: TestService) {
  const get = async (path: string) => (await service.request('GET', path)).body;
  const { nodes } = await get('/nodes');
  const { entries } = await get('/history?cluster_id=1&machine_id=2');
  return { nodes, entries, tags: (await get('/clusters/7/tags')).tags };
}

for (const database of DATABASES) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`An upgrade from 0.1 on ${database.name}`, () => {
    it.each(SCHEMAS_OF_0_1)('keeps all data of schema version %i, which it raises to 4', async (version) => {
      scratch = await database.create();
      await createTablesOf01(database, scratch, version, Date.now());
      const receiver = await WebhookReceiver.open();
      const service = await startService({
        CLUSTERER_DB_URL: scratch.url,
        CLUSTERER_SERVER_ID: '1',
        CLUSTERER_DIALECT: '2.2,7:2.4',
        CLUSTERER_WEBHOOKS: `pager ${receiver.url} secret=${secret}`,
      });

      const { nodes, entries, tags } = await shown(service);
      expect(nodes).toMatchObject([
        { cluster_id: 1, machine_id: 2, description: 'sip-2', state: 'down', drain: { reason: 'kernel', by: 'alice' } },
        { cluster_id: 1, machine_id: 3, description: 'sip-3', state: 'down' },
        { cluster_id: 7, machine_id: 2, description: 'proxy', releases: version >= 2 ? expect.any(String) : null },
        { cluster_id: 7, machine_id: 3, releases: null },
      ]);
      expect(nodes[1]).not.toHaveProperty('drain');
      expect(entries.at(-1)).toMatchObject({ kind: 'node_state', by: 'alice', detail: { from: 'up', to: 'down' } });
      const vip = { tag: 'vip', owner: 2, managed: true, failover: [3], after_seconds: 10, fence: 4 };
      expect(tags).toMatchObject(version >= 3 ? [vip] : []);
      if (version >= 4) {
        const [{ id, text } = {}] = await receiver.requests.first();
        expect([id, text]).toEqual([`evt_${WAITING.id}`, WAITING.body]);
      }

      await service.stop();
      const numbers = async (sql: string) => (await scratch?.run(sql))?.map((row) => row.map(Number));
      expect(await numbers('SELECT version, created_table FROM clusterer_schema')).toEqual([[4, 1]]);
      // The service goes on after the last number that 0.1 may have used: machines ignore lower ones.
      const sequences = await numbers("SELECT seq FROM clusterer_sequences WHERE cluster_id = 7 AND kind = 'links'");
      if (version >= 2) expect(sequences?.[0]?.[0]).toBeGreaterThanOrEqual(5000);
      expect(await numbers(`SELECT id FROM clusterer_webhooks WHERE id = ${WAITING.id}`)).toEqual([]);

      await service.start();
      expect((await shown(service)).nodes[0]).toEqual(nodes[0]);
    });
  });
}
