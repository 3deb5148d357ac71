import { inBrowser, violationsOf } from '../support/page/browser.js';
import { rowOf } from '../support/page/page.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { freePort } from '../support/service/free-port.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
disconnectPeersAfterEach();

/** Nothing listens here, so a send fails at once. */
const NOBODY = 'bin:127.0.0.9:1';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** Machines in several states, and a module. */
async function mixedService(): Promise<TestService> {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555', { description: 'proxy-ams' });
  await service.provision(1, 3, NOBODY, { failed_attempts: 1, duration: 100 });
  await service.provision(7, 1, 'bin:127.0.0.4:5555', { state: 'down' });
  const module = await service.socket();
  const params = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
  await module.call('register_module', params);
  return service;
}

inBrowser('the page', (browser) => {
  it('shows machines by cluster with state, since when, tries and address', async () => {
    const page = await browser.openLive(await mixedService(), { viewport: { width: 1440, height: 900 } });
    const row = rowOf(page, 1, 2);
    await row.getByText('proxy-ams').waitFor();
    expect((await row.getByRole('cell').allInnerTexts()).map((text) => text.trim())).toEqual([
      'Up',
      '',
      expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      '0 of 3',
      'bin:127.0.0.2:5555',
    ]);
    await rowOf(page, 7, 1).getByText('Down').waitFor();
    await page.getByRole('status').getByText('Live').waitFor();
    expect(browser.faults).toEqual([]);
  });

  it('shows at once why and since when a machine is disabled, and counts the seconds until it is enabled', async () => {
    const service = await mixedService();
    const page = await browser.openLive(service);
    const row = rowOf(page, 1, 3);
    await row.getByText('Up').waitFor();
    await service.request('PUT', '/clusters/1/machines/3/state', { state: 'temp_disabled' });
    await row.getByText('Disabled').waitFor();
    await row.getByText('set by a module').waitFor();
    await row.getByText('1 of 1').waitFor();
    await row.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    await row.getByText('up in 99 s').waitFor();
    await row.getByText('up in 98 s').waitFor();
    await page.getByRole('log').getByText('Machine 3 of cluster 1 is temporarily disabled: set by a module').waitFor();
    await service.request('PUT', '/clusters/1/machines/3/status', { status: 'up' });
    await row.getByText('set by an operator').waitFor();
    await page.getByRole('log').getByText('Machine 3 of cluster 1 is up: set by an operator').waitFor();
  });

  it('shows the history from before it was opened', async () => {
    const service = await mixedService();
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down', reason: 'kernel update' });
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'up' });
    const page = await browser.openLive(service);
    await rowOf(page, 1, 2).getByText('set by an operator').waitFor();
    await rowOf(page, 1, 2)
      .getByText(/^\d\d:\d\d:\d\d$/)
      .waitFor();
    const log = page.getByRole('log');
    await log.getByText('Machine 2 of cluster 1 is drained: kernel update').waitFor();
    await log.getByText('Machine 2 of cluster 1 is up: set by an operator').waitFor();
    await log.getByText('Module ul registered for cluster 1').waitFor();
  });

  it('shows tries, for which there are no notifications', async () => {
    const service = await startService();
    await service.provision(1, 3, NOBODY, { failed_attempts: 5 });
    const page = await browser.openLive(service);
    await rowOf(page, 1, 3).getByText('0 of 5').waitFor();
    await service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 3 });
    await rowOf(page, 1, 3).getByText('1 of 5').waitFor();
  });

  it('shows each module with its reception and packet rate by machine', async () => {
    const service = await mixedService();
    const page = await browser.openLive(service);
    const peer = await connectPeer(service);
    const module = page.getByRole('region', { name: 'Modules' }).getByRole('group');
    await module.getByText('0 receiving, 2 never heard').waitFor();
    peer.write(packetBytes({ machineId: 2 }));
    await module.getByText('1 receiving, 1 never heard').waitFor();
    const beat = setInterval(() => peer.write(packetBytes({ machineId: 2 })), 50);
    await module.getByText(/^\d+(\.\d)?\/s$/).waitFor();
    await module.getByText('ul', { exact: true }).click();
    const heard = module.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '2', exact: true }) });
    expect(await heard.getByRole('cell').nth(1).textContent()).toMatch(/^\d+(\.\d)?\/s$/);
    await heard.getByText('receiving').waitFor();
    await heard.getByText(/^(1\d|2\d|[5-9]\.\d)\/s$/).waitFor();
    clearInterval(beat);
  });

  it('marks a machine that is silent for a module until it is accepted again, and does not claim a packet', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const page = await browser.openLive(service);
    await rowOf(page, 1, 2).waitFor();
    const module = await service.socket();
    const params = { module: 'dialog', protocol: 'bin', timeout: 1, auth_check: false, cluster_id: 1 };
    await module.call('register_module', params);
    await rowOf(page, 1, 2).getByText('silent for dialog').waitFor();
    const log = page.getByRole('log');
    await log.getByText('Machine 2 of cluster 1 is silent for dialog').first().waitFor();
    await rowOf(page, 1, 2).getByText('silent for dialog').waitFor({ state: 'hidden' });
    await log.getByText('Machine 2 of cluster 1 is no longer ignored by dialog').first().waitFor();
    await rowOf(page, 1, 2).getByRole('button').click();
    await page
      .getByRole('definition')
      .getByText(/^never heard/)
      .waitFor();
    expect(await page.locator('#sheet').innerText()).not.toMatch(/last packet|receiving|heard again/);
    await page.getByRole('button', { name: 'Close' }).click();
    const card = page.getByRole('region', { name: 'Modules' }).getByRole('group');
    await card.getByText('0 receiving, 1 never heard').waitFor();
  });

  it('keeps operators’ actions in view while 200 machines are silent for two registrations of a module', async () => {
    const service = await startServiceOnDisk();
    await withTable(service, (table) =>
      table.run(`INSERT INTO clusterer (cluster_id, machine_id, url)
        WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 200)
        SELECT 1, n, 'bin:127.0.1.' || n || ':5555' FROM one`),
    );
    await service.request('POST', '/reload');
    const page = await browser.openLive(service);
    await page.getByRole('button', { name: 'All 200' }).waitFor();
    await service.request('PUT', '/clusters/1/machines/7/status', { status: 'down' });
    const module = await service.socket();
    const params = { module: 'ul', protocol: 'bin', timeout: 0.5, auth_check: false, cluster_id: 1 };
    for (let i = 0; i < 2; i++) await module.call('register_module', params);
    const log = page.getByRole('log');
    await log.getByText('200 machines of cluster 1 are silent for ul').first().waitFor();
    await log.getByText('200 machines of cluster 1 are no longer ignored by ul').first().waitFor();
    expect((await service.request('GET', '/modules')).body.modules.length).toBe(2);
    await log.getByText('Machine 7 of cluster 1 is down: set by an operator').waitFor();
    expect(await log.getByRole('listitem').count()).toBeLessThan(20);
  });

  it('follows machines that are added, changed and removed, in their order', async () => {
    const service = await startService();
    const page = await browser.openLive(service);
    await page.getByText('The table has no machines yet.').waitFor();
    for (const id of [10, 2, 5]) await service.provision(1, id, 'bin:127.0.0.2:5555');
    await rowOf(page, 1, 5).waitFor();
    await page.getByText('The table has no machines yet.').waitFor({ state: 'hidden' });
    expect(await page.getByRole('rowheader').allInnerTexts()).toEqual(['Machine 2', 'Machine 5', 'Machine 10']);
    await service.request('PUT', '/clusters/1/machines/5', { description: '<img src=x onerror=alert(1)>' });
    await rowOf(page, 1, 5).getByText('<img src=x onerror=alert(1)>').waitFor();
    await service.request('DELETE', '/clusters/1/machines/2');
    await rowOf(page, 1, 2).waitFor({ state: 'hidden' });
    expect(browser.faults).toEqual([]);
  });

  it('reconnects after a restart of the service, and shows the changes', async () => {
    const service = await startServiceOnDisk({ CLUSTERER_HTTP_PORT: String(await freePort()) });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const page = await browser.openLive(service);
    await rowOf(page, 1, 2).waitFor();
    await service.stop();
    await page.getByRole('status').getByText('Reconnecting').waitFor();
    await page.getByText('data may be out of date').waitFor();
    await withTable(service, (table) =>
      table.add({ cluster_id: 1, machine_id: 3, url: 'bin:127.0.0.3:5555', state: 0 }),
    );
    await service.start();
    await rowOf(page, 1, 3).getByText('Down').waitFor({ timeout: 30_000 });
    await page.getByRole('status').getByText('Live').waitFor();
    await service.request('PUT', '/clusters/1/machines/3/status', { status: 'up' });
    await rowOf(page, 1, 3).getByText('Up', { exact: true }).waitFor();
  });

  it('finds machines by state, cluster and text', async () => {
    const page = await browser.openLive(await mixedService());
    await rowOf(page, 1, 2).waitFor();
    await page.getByRole('button', { name: 'Down 1' }).click();
    await page.getByText('1 of 3 machines are shown').waitFor();
    expect(await page.getByRole('rowheader').allInnerTexts()).toEqual(['Machine 1']);
    await page.getByRole('button', { name: 'All 3' }).click();
    await page.getByRole('searchbox', { name: 'Find machines' }).fill('PROXY 5555');
    expect(await page.getByRole('rowheader').allInnerTexts()).toEqual(['Machine 2 proxy-ams']);
    await page.getByRole('combobox', { name: 'Cluster' }).selectOption('Cluster 7');
    await page.getByText('No machine matches').waitFor();
    await page.getByRole('button', { name: 'Show all machines' }).click();
    expect(await page.getByRole('rowheader').count()).toBe(3);
  });

  it.each(['light', 'dark'] as const)(
    'has no accessibility violations in %s mode, on a phone and in its dialogs',
    async (colorScheme) => {
      const service = await mixedService();
      await service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 3 });
      for (const options of [{ viewport: { width: 1440, height: 900 } }, PHONE]) {
        const page = await browser.openLive(service, { ...options, colorScheme, reducedMotion: 'reduce' });
        await rowOf(page, 1, 3).getByText('Disabled').waitFor();
        expect(await violationsOf(page)).toEqual([]);
        await rowOf(page, 1, 3).getByRole('button').click();
        expect(await violationsOf(page)).toEqual([]);
        await page.getByRole('button', { name: 'Change…' }).click();
        expect(await violationsOf(page)).toEqual([]);
      }
    },
  );

  it('fits a phone: nothing is wider than the screen, and each part has a button', async () => {
    const page = await browser.openLive(await mixedService(), PHONE);
    await rowOf(page, 1, 2).waitFor();
    for (const button of ['Modules', 'Activity', 'Machines']) {
      await page.getByRole('navigation').getByRole('button', { name: button }).tap();
      expect([button, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([button, 360]);
    }
    await rowOf(page, 1, 3).getByRole('button').tap();
    await page.getByRole('heading', { name: 'Machine 3 of cluster 1' }).waitFor();
    expect(await page.evaluate('document.querySelector("#sheet").getBoundingClientRect().width')).toBe(360);
  });

  it('gives the reason of a drain the full width of a phone', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const drain = { status: 'down', reason: 'kernel update', until: '2100-01-01T00:00:00Z' };
    await service.request('PUT', '/clusters/1/machines/2/status', drain);
    const page = await browser.openLive(service, PHONE);
    const reason = rowOf(page, 1, 2).getByRole('cell').filter({ hasText: 'kernel update' });
    expect((await reason.boundingBox())?.width).toBeGreaterThan(300);
  });
});
