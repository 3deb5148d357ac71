import { inBrowser } from '../support/page/browser.js';
import { rowOf } from '../support/page/page.js';
import { startServiceOnDisk, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

/** A thousand machines in ten clusters. Nothing listens at their addresses, and one failure disables them. */
async function thousandMachines(): Promise<TestService> {
  const service = await startServiceOnDisk({ CLUSTERER_LOG_LEVEL: 'warn' });
  await withTable(service, (table) =>
    table.run(`INSERT INTO clusterer (cluster_id, machine_id, url, failed_attempts, duration)
      WITH RECURSIVE one(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < 999)
      SELECT n / 100 + 1, n % 100 + 1, 'bin:127.0.' || (n / 100) || '.' || (n % 100 + 1) || ':1', 1, 110 FROM one`),
  );
  await service.request('POST', '/reload');
  return service;
}

/** Counts the rows that change from now on. */
const COUNT_WRITTEN = `
  window.written = new Set();
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const row = (target.closest ? target : target.parentElement).closest('tbody tr');
      if (row !== null) window.written.add(row);
    }
  }).observe(document.querySelector('#clusters'), { subtree: true, childList: true, characterData: true });`;

const IS_DRAWN = (row: Element) => row.checkVisibility({ contentVisibilityAuto: true });
const DRAWN = `[...document.querySelectorAll('#clusters tbody tr')].filter(${IS_DRAWN}).length`;

inBrowser('a thousand machines on the page', (browser) => {
  it('redraws only the machine that has changed', async () => {
    const service = await thousandMachines();
    const page = await browser.openLive(service);
    await page.getByRole('button', { name: 'All 1000' }).waitFor();
    await page.evaluate(COUNT_WRITTEN);
    await service.request('PUT', '/clusters/10/machines/100/status', { status: 'down' });
    await page.getByRole('button', { name: 'Down 1' }).waitFor();
    await rowOf(page, 10, 100).getByText('set by an operator').waitFor();
    expect(await page.evaluate('written.size')).toBe(1);
  });

  it('lays out only the rows near the view, in few blocks, wherever it is scrolled to', async () => {
    const page = await browser.openLive(await thousandMachines());
    await page.getByRole('button', { name: 'All 1000' }).waitFor();
    expect(await page.locator('#clusters tbody tr').count()).toBe(1000);
    // The browser compares each block with the view in every frame.
    expect(await page.locator('#clusters tbody').count()).toBe(50);
    for (const [end, cluster, machine] of [
      ['0', 1, 2],
      ['document.body.scrollHeight', 10, 99],
    ] as const) {
      await page.evaluate(`scrollTo(0, ${end})`);
      await page.waitForFunction(`(${DRAWN}) < 200`);
      expect(await rowOf(page, cluster, machine).evaluate(IS_DRAWN)).toBe(true);
    }
  });

  it('has one activity line per cluster when all are disabled, and updates seconds only in view', async () => {
    const service = await thousandMachines();
    const page = await browser.openLive(service);
    await page.getByRole('button', { name: 'All 1000' }).waitFor();
    const log = page.getByRole('log');
    for (let cluster = 1; cluster <= 10; cluster++) {
      await service.request('POST', `/clusters/${cluster}/packets`, { module: 'ul', packet_type: 3 });
      // One after the other: a line has no pause of more than two seconds, which a thousand at once may make on a busy machine.
      await log.getByText(`100 machines of cluster ${cluster} are temporarily disabled: a send failed`).waitFor();
    }
    await page.getByRole('button', { name: 'Disabled 1000' }).waitFor();
    expect(await log.getByRole('listitem').count()).toBeLessThan(30);
    const seconds = rowOf(page, 1, 2).getByText(/^up in /);
    const before = await seconds.textContent();
    await page.evaluate(COUNT_WRITTEN);
    await page.waitForFunction((text) => document.querySelectorAll('.returns')[1]?.textContent !== text, before);
    expect(await page.evaluate('written.size')).toBeLessThan(60);
  });
});
