import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { dialogOf, rowOf } from '../support/page/page.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

const LONG = 'proxy-amsterdam-with-a-name-of-many-letters.example.org';

async function threeMachines(): Promise<TestService> {
  const service = await startService();
  await service.provision(1, 7, 'bin:127.0.0.7:5555', { description: LONG });
  await service.provision(1, 8, 'bin:127.0.0.8:5555', { state: 'down' });
  await service.provision(3, 7, 'bin:127.0.0.9:5555');
  return service;
}

function shown(page: Page): Promise<string[]> {
  return page.getByRole('button', { name: /^Machine \d+$/ }).allInnerTexts();
}

/** What does not fit into its cell. */
const CUT = `[...document.querySelectorAll('#clusters th, #clusters td.why')]
  .filter((cell) => cell.scrollWidth > cell.clientWidth && cell.clientWidth > 0).map((cell) => cell.textContent)`;

inBrowser('the list of machines', (browser) => {
  it('keeps search, state, order and the open machine in its address', async () => {
    const service = await threeMachines();
    const page = await browser.openLive(service);
    await page.getByRole('searchbox').fill('cluster 1');
    await page.getByLabel('Order').selectOption('state');
    await page.waitForFunction(() => location.hash.includes('sort=state'));
    expect(await shown(page)).toEqual(['Machine 8', 'Machine 7']);
    await rowOf(page, 1, 7).getByRole('button').click();
    await dialogOf(page, 'Machine 7 of cluster 1').waitFor();
    const address = page.url();
    expect(address).toMatch(/#search=cluster\+1&sort=state&machine=1\/7$/);
    await page.reload();
    await dialogOf(page, 'Machine 7 of cluster 1').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !location.hash.includes('machine'));
    expect(await shown(page)).toEqual(['Machine 8', 'Machine 7']);
    await page.evaluate(() => {
      location.hash = '#state=down';
    });
    await page.getByText('1 of 3 machines are shown').waitFor();
    expect(browser.faults).toEqual([]);
  });

  it('shows times in UTC on request', async () => {
    const service = await threeMachines();
    const page = await browser.openLive(service, { timezoneId: 'Asia/Kolkata' });
    const since = rowOf(page, 1, 7).getByRole('cell').nth(2);
    await since.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    const local = await since.innerText();
    await page.getByRole('button', { name: 'UTC' }).click();
    await page.waitForFunction((before) => document.querySelector('td.since')?.textContent !== before, local);
    const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
    expect((minutes(local) - minutes(await since.innerText()) + 1440) % 1440).toBe(330);
    expect(page.url()).toContain('utc=1');
  });

  it('has room for the reason, and a head that stays in view, on a wide screen', async () => {
    const service = await threeMachines();
    const reason = 'kernel update, and then the new disks of the second rack';
    await service.request('PUT', '/clusters/1/machines/7/status', { status: 'down', reason });
    const page = await browser.openLive(service, { viewport: { width: 1440, height: 300 } });
    const why = rowOf(page, 1, 7).getByRole('cell').nth(1);
    await why.getByText(reason).waitFor();
    expect((await why.boundingBox())?.width).toBeGreaterThan(220);
    expect(await page.evaluate(CUT)).toEqual([]);
    await page.mouse.wheel(0, 130);
    await page.waitForFunction(() => scrollY > 100);
    const [head, header] = [page.getByRole('columnheader', { name: 'Why' }).first(), page.getByRole('banner')];
    const bottom = (await header.boundingBox())?.height ?? 0;
    expect((await head.boundingBox())?.y).toBeGreaterThanOrEqual(bottom - 2);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('shows whole names on a phone', async () => {
    const service = await threeMachines();
    const page = await browser.openLive(service, { viewport: { width: 390, height: 800 }, isMobile: true });
    await rowOf(page, 1, 7).getByText(LONG).waitFor();
    expect(await page.evaluate(CUT)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('shows two commands while the table is empty, of which the first adds a machine', async () => {
    const service = await startService();
    const page = await browser.openLive(service);
    const commands = (await page.locator('#first-run').innerText()).split('\n');
    expect(commands).toHaveLength(2);
    expect(await violationsOf(page)).toEqual([]);
    await promisify(execFile)('sh', ['-c', commands[0] ?? ''], { timeout: 10_000 });
    await rowOf(page, 1, 2).getByText('Up').waitFor();
  });
});
