import type { Locator, Page } from 'playwright-core';
import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, type Member, startMember } from '../support/fleet/member.js';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { stopServicesAfterEach } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
endFleetAfterEach();

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

async function linkedFleet(net: number, ids: readonly number[]): Promise<Member> {
  const member = await startMember(
    net,
    ids.map((id) => ({ id })),
  );
  await linked(member);
  return member;
}

/** The picture of cluster 1 when it says this of its links. */
function picture(page: Page, words: string): Locator {
  return page.getByRole('group', { name: `Picture of cluster 1: ${words}`, exact: true });
}

function node(page: Page, words: string): Locator {
  return page.getByRole('button', { name: words, exact: true });
}

inBrowser('the picture of a fleet', (browser) => {
  it('follows links that go down and come back, and machines that vanish', async () => {
    const member = await linkedFleet(84, [1, 2, 3]);
    const page = await browser.openLive(member.service);
    await picture(page, '4 machines, 6 links').waitFor();
    await page.getByRole('img', { name: 'Machine 9, this service: linked to 1, 2 and 3' }).waitFor();
    member.machine(1).partition(2);
    await picture(page, '4 machines, 5 links, 1 missing').waitFor();
    await node(page, 'Machine 1, up: linked to 3 and 9; not linked to 2').waitFor();
    member.machine(1).heal();
    member.machine(2).heal();
    await picture(page, '4 machines, 6 links').waitFor();
    await member.machine(3).kill();
    await picture(page, '4 machines, 3 links').waitFor();
    await node(page, 'Machine 3, disabled: no links').waitFor();
    await page.getByText(/^Last event: \d\d:\d\d:\d\d {2}/).waitFor();
    expect(browser.faults).toEqual([]);
  });

  it('is used by keyboard: a machine keeps the focus while the picture changes, and Enter opens its sheet', async () => {
    const member = await linkedFleet(85, [1, 2]);
    const page = await browser.openLive(member.service);
    await picture(page, '3 machines, 3 links').waitFor();
    await page.locator('.fleet > details > summary').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const first = page.locator('[data-machine="1"]');
    const isFocused = () => first.evaluate((element) => element === element.ownerDocument.activeElement);
    expect(await isFocused()).toBe(true);
    member.machine(1).partition(2);
    await picture(page, '3 machines, 2 links, 1 missing').waitFor();
    expect(await isFocused()).toBe(true);
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Machine 1 of cluster 1' });
    await sheet.getByText('Not linked to').waitFor();
    await sheet.getByText(/^up since \d\d:\d\d:\d\d$/).waitFor();
    member.machine(1).partition(MEMBER);
    await sheet.getByText(/^down since \d\d:\d\d:\d\d$/).waitFor();
    expect(browser.faults).toEqual([]);
  });

  it('is unfolded for the first of several fleets, and for the cluster that is chosen', async () => {
    const member = await linkedFleet(160, [1]);
    const { service, url } = member;
    await service.provision(3, MEMBER, url);
    await service.provision(3, 1, 'bin:127.0.160.3:5566');
    const page = await browser.openLive(service);
    await picture(page, '2 machines, 1 link').waitFor();
    const folded = page.locator('.fleet').filter({ hasText: 'Fleet of cluster 3' });
    const drawn = folded.getByRole('group', { name: /^Picture of cluster 3: 2 machines/ });
    await folded.locator('summary .counts').getByText('2 machines').waitFor();
    expect(await drawn.isVisible()).toBe(false);
    await page.getByLabel('Cluster', { exact: true }).selectOption('3');
    await drawn.waitFor();
    await page.getByLabel('Cluster', { exact: true }).selectOption('');
    await drawn.waitFor({ state: 'hidden' });
    await folded.locator('summary').first().click();
    await drawn.waitFor();
    expect(browser.faults).toEqual([]);
  });

  it('shows drained and down machines by shape, and fits a phone', async () => {
    const member = await linkedFleet(86, [1, 2, 3]);
    const { service } = member;
    await service.request('PUT', '/clusters/1/machines/1/status', { status: 'down', reason: 'kernel update' });
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.openLive(service, { ...PHONE, colorScheme });
      for (const [id, look] of [
        [1, 'drained'],
        [2, 'down'],
        [3, 'up'],
      ] as const) {
        await page.locator(`[data-machine="${id}"][data-look="${look}"]`).waitFor();
      }
      const looks = ['own', 'up', 'down', 'drained'].map((look) => page.locator(`.graph [data-look="${look}"] > path`));
      const shapes = await Promise.all(
        looks.map((paths) => paths.evaluateAll((all) => all.map((path) => path.getAttribute('d')).join())),
      );
      expect(new Set(shapes).size).toBe(looks.length);
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      expect(scrollWidth).toBe(clientWidth);
      expect(await violationsOf(page)).toEqual([]);
      await page.locator('[data-machine="1"]').tap();
      await page.getByRole('dialog', { name: 'Machine 1 of cluster 1' }).waitFor();
      expect(await violationsOf(page)).toEqual([]);
    }
  });

  it('is also text', async () => {
    const member = await linkedFleet(87, [1, 2]);
    const page = await browser.openLive(member.service);
    await page.getByText('As text').click();
    const lines = page.locator('.fleet .text li');
    // What the machines announce of each other may come after the links to them.
    for (const id of [1, 2]) await lines.getByText(`Machine ${id}, up: linked to ${3 - id} and 9`).waitFor();
    expect(await lines.allInnerTexts()).toEqual([
      'Machine 9, this service: linked to 1 and 2',
      'Machine 1, up: linked to 2 and 9',
      'Machine 2, up: linked to 1 and 9',
    ]);
  });

  it('is a matrix for more than 60 machines', async () => {
    const member = await linkedFleet(88, [1, 2]);
    const { service } = member;
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => service.provision(1, at + 100, `bin:127.0.88.200:${at + 1}`)),
    );
    const page = await browser.openLive(service);
    const table = page.getByRole('region', { name: 'Links of cluster 1' });
    for (const id of [1, 2]) {
      await table.getByText(`Machine ${id}, up: linked to ${3 - id} and 9`).waitFor({ state: 'attached' });
    }
    const row = table.getByRole('row', { name: /^Machine 1 / });
    // The other side of a link may be announced later.
    await row
      .locator('.signs')
      .getByText(`■╲■${'·'.repeat(60)}`, { exact: true })
      .waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await table.getByRole('button', { name: 'Machine 2', exact: true }).click();
    await page.getByRole('dialog', { name: 'Machine 2 of cluster 1' }).waitFor();
  });
});
