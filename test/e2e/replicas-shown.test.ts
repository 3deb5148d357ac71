import { describeWithNats, NatsServer } from '../support/nats/nats-server.js';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { EventStream } from '../support/peers/event-stream.js';
import { clusterer, endCommandsAfterEach } from '../support/service/command-line.js';
import { eventually } from '../support/service/eventually.js';
import { scrape } from '../support/service/metrics.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { MemoryDatabase } from '../support/tables/memory-database.js';

jest.setTimeout(60_000);
endCommandsAfterEach();
stopServicesAfterEach();

/** Never opened: the replicas share a database in memory. */
const DB_URL = 'postgres://nobody@127.0.0.1:1/none';

describeWithNats('replicas', () => {
  let server: NatsServer;
  let prefixes = 0;

  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server.stop());

  /** Two replicas of one service. The first leads. */
  async function startReplicas(): Promise<[TestService, TestService]> {
    const database = new MemoryDatabase();
    const natsPrefix = `shown-${prefixes++}`;
    const start = (replica: string) =>
      startService(
        {
          CLUSTERER_NATS_URL: server.url,
          CLUSTERER_NATS_PREFIX: natsPrefix,
          CLUSTERER_DB_URL: DB_URL,
          CLUSTERER_REPLICA: replica,
        },
        { openDatabase: () => database.open() },
      );
    const first = await start('hub-1');
    const second = await start('hub-2');
    await eventually(async () => (await second.request('GET', '/replicas')).body.replicas.length >= 2);
    return [first, second];
  }

  it('are listed by the command line, the metrics, and each names itself', async () => {
    const [first, second] = await startReplicas();
    const list = await clusterer(['replicas'], { env: { CLUSTERER_URL: second.httpUrl } });
    expect(list.stdout).toMatch(
      /^REPLICA +LEADER +APPLIED +LAG MS +SINCE\nhub-1 +yes +\d+ +\d+ +20\S+Z\nhub-2 +no +\d+ +\d+ +20\S+Z\n$/,
    );
    expect((await second.request('GET', '/me')).body).toMatchObject({ replica: 'hub-2' });
    expect(await scrape(first)).toMatchObject({ clusterer_replicas: 2, clusterer_replica_leader: 1 });
    expect(await scrape(second)).toMatchObject({ clusterer_replicas: 2, clusterer_replica_leader: 0 });
  });

  it('give the reader of an event stream a snapshot when it comes from another replica', async () => {
    const [first, second] = await startReplicas();
    await first.provision(1, 2, 'bin:127.0.0.2:5555');
    const one = await EventStream.open(`${first.httpUrl}/events`);
    const [here] = await one.first(1);
    const two = await EventStream.open(`${second.httpUrl}/events`, { 'last-event-id': here?.id ?? '' });
    expect((await two.first(1))[0]).toMatchObject({ event: 'snapshot' });
    for (const stream of [one, two]) stream.close();
  });

  inBrowser('replicas', (browser) => {
    it('are shown on the page, with the leader and the one that serves it', async () => {
      const [, second] = await startReplicas();
      const page = await browser.openLive(second);
      const panel = page.getByRole('region', { name: 'Replicas 2' });
      await panel
        .getByRole('listitem')
        .filter({ hasText: /^hub-1leads\d+ ms behind$/ })
        .waitFor();
      await panel
        .getByRole('listitem')
        .filter({ hasText: /^hub-2serves this page\d+ ms behind$/ })
        .waitFor();
      expect(await violationsOf(page)).toEqual([]);
      expect(browser.faults).toEqual([]);
    });
  });
});

describe('a single process', () => {
  it('has no replicas to list, and says so', async () => {
    const service = await startService();
    const answer = await clusterer(['replicas'], { env: { CLUSTERER_URL: service.httpUrl } });
    expect(answer).toMatchObject({ exitCode: 1, stdout: '' });
    expect(answer.stderr).toContain('CLUSTERER_NATS_URL');
    expect((await service.request('GET', '/me')).body).not.toHaveProperty('replica');
  });

  inBrowser('a single process', (browser) => {
    it('shows no replicas on the page, and asks for none', async () => {
      const page = await browser.openLive(await startService());
      await page.getByText('The table has no machines yet.').waitFor();
      expect(await page.locator('#replicas').isVisible()).toBe(false);
      expect(browser.faults).toEqual([]);
    });
  });
});
