import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, startMember } from '../support/fleet/member.js';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { dialogOf } from '../support/page/page.js';
import { stopServicesAfterEach } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
endFleetAfterEach();

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

inBrowser('the sharing tags of a fleet', (browser) => {
  it('are badges on their owners, and move from the sheet of a machine after a confirmation', async () => {
    const member = await startMember(89, [{ id: 1 }, { id: 2 }]);
    await linked(member);
    const page = await browser.openLive(member.service, PHONE);
    await page.getByRole('button', { name: 'Machine 1, up: linked to 2 and 9', exact: true }).waitFor();
    member.machine(1).activate('vip');
    await page.getByRole('button', { name: /^Machine 1, up: .*; active for vip$/ }).waitFor();
    await page.locator('[data-badge="active"]').getByText('vip').waitFor();
    await page.locator('[data-machine="2"]').press('Enter');
    const move = page.getByRole('button', { name: 'Make active for vip…' });
    await move.press('Enter');
    const dialog = dialogOf(page, 'Make machine 2 of cluster 1 active for vip?');
    await dialog
      .getByText(/^Machine 2 becomes active for vip\. Machine 1 becomes backup\. .* Calls continue\./)
      .waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await move.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Make active' }).press('Enter');
    await page.getByRole('status').getByText('Machine 2 of cluster 1 is active for vip.').waitFor();
    await page
      .locator('#sheet-tags')
      .getByText(/^vip active managed since .*, fence 1$/)
      .waitFor();
    expect([member.machine(1).tags.get('vip'), member.machine(2).tags.get('vip')]).toEqual(['backup', 'active']);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Machine 2, up: .*; active for vip$/ }).waitFor();
    await page.getByRole('button', { name: 'Machine 1, up: linked to 2 and 9', exact: true }).waitFor();
    await page.getByText(/^Machine 2 of cluster 1 was given the tag vip/).waitFor({ state: 'attached' });
    await page.getByText(/^Last event: .* Machine 2 is active for vip/).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(browser.faults).toEqual([]);
  });

  it('cannot be moved with a token that may only read', async () => {
    const member = await startMember(90, [{ id: 1 }, { id: 2 }]);
    await linked(member);
    member.machine(1).activate('vip');
    const page = await browser.openLive(member.service);
    await page.route('**/me', (route) => route.fulfill({ json: { name: 'eve', role: 'read' } }));
    await page.reload();
    await page.getByText('eve, read').waitFor();
    await page.getByRole('button', { name: /^Machine 2, up/ }).press('Enter');
    const move = page.getByRole('button', { name: 'Make active for vip…' });
    await move.waitFor();
    expect(await move.isDisabled()).toBe(true);
  });
});
