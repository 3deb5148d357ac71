import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { inBrowser } from '../support/page/browser.js';
import { dialogOf, openDialog, rowOf } from '../support/page/page.js';
import { startServiceOnDisk, stopServicesAfterEach } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
endFleetAfterEach();

inBrowser('the page of a fleet', (browser) => {
  it('shows what a machine is, and how it is reached when its link is down', async () => {
    const capabilities = { 'usrloc-contact-repl': true, 'dialog-dlg-repl': false };
    const member = await startMember(82, [{ id: 1, capabilities }, { id: 2 }]);
    await linked(member);
    const page = await browser.openLive(member.service);
    const row = rowOf(page, 1, 1);
    await row.getByText('Up', { exact: true }).waitFor();
    await row.getByRole('button').click();
    const sheet = page.locator('#sheet-facts');
    for (const fact of [
      'directly',
      '3.3-4.0',
      'dialog-dlg-repl (not synced), usrloc-contact-repl',
      'until it answers',
    ]) {
      await sheet.getByText(fact, { exact: true }).waitFor();
    }
    member.machine(1).partition(MEMBER);
    await sheet.getByText('through machine 2', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await row.getByText('reached through machine 2').waitFor();
    await row.getByText('3 pings in a row stayed unanswered').waitFor();
    await row.getByText(/^asked again in \d+ s$/).waitFor();
  });

  it('adds and changes machines of a table that has no durations', async () => {
    const service = await startServiceOnDisk({ CLUSTERER_DIALECT: '2.4', CLUSTERER_SERVER_ID: String(MEMBER) });
    await service.provision(1, MEMBER, `bin:127.0.83.${MEMBER}:5566`);
    const page = await browser.openLive(service);
    await page.getByRole('button', { name: 'Add machine…' }).last().click();
    const add = dialogOf(page, 'Add a machine?');
    await add.getByLabel('Cluster').fill('1');
    await add.getByRole('spinbutton', { name: 'Machine' }).fill('4');
    await add.getByLabel('Address').fill('bin:127.0.83.4:5566');
    await add.getByRole('button', { name: 'Add machine' }).click();
    await page.getByRole('status').getByText('Machine 4 of cluster 1 was added.').waitFor();
    const change = await openDialog(page, 1, 4, 'Change…');
    await change.getByLabel('Description').fill('four');
    await change.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('status').getByText('Machine 4 of cluster 1 was changed.').waitFor();
    const { body } = await service.request('GET', '/clusters/1/machines/4');
    expect(body).toMatchObject({ description: 'four', duration: 60 });
  });
});
