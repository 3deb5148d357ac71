import { inBrowser } from '../support/page/browser.js';
import { dialogOf, rowOf } from '../support/page/page.js';
import { startServiceOnDisk, stopServicesAfterEach } from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

inBrowser('the time of a state', (browser) => {
  it('is unknown, in words, when neither the page nor the history knows it', async () => {
    const service = await startServiceOnDisk();
    await service.stop();
    await withTable(service, async (table) => {
      await table.add({ cluster_id: 1, machine_id: 2, url: 'bin:127.0.0.2:5555', state: 0 });
      await table.add({ cluster_id: 1, machine_id: 3, url: 'bin:127.0.0.3:5555', state: 2 });
    });
    await service.start();
    const page = await browser.openLive(service);
    for (const id of [2, 3]) {
      const since = rowOf(page, 1, id).locator('.since');
      expect([id, await since.innerText()]).toEqual([id, 'unknown']);
      expect(await since.getAttribute('title')).toMatch(/^It was so at \d\d:\d\d:\d\d, when the page was opened\./);
      await rowOf(page, 1, id).getByRole('button').click();
      const sheet = dialogOf(page, `Machine ${id} of cluster 1`);
      await sheet.getByText('since unknown', { exact: true }).waitFor();
      expect(await sheet.innerText()).not.toMatch(/1970|Invalid|NaN/);
      await page.keyboard.press('Escape');
    }
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'up' });
    await rowOf(page, 1, 2)
      .locator('.since')
      .getByText(/^\d\d:\d\d:\d\d$/)
      .waitFor();
  });
});
