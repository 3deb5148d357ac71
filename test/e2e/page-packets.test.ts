import { createHash } from 'node:crypto';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { dialogOf, rowOf } from '../support/page/page.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
disconnectPeersAfterEach();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TOKENS = `mod:module:${sha256('mod')},eye:read:${sha256('eye')}`;
const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };

const hasFocus = (element: Element) => element === element.ownerDocument.activeElement;

/** The payload of `aor_delete` in dialect 2.2. */
function aor(name: string): Buffer {
  const texts = ['location', name].map((text) => Buffer.from(`\0\0\0\0${text}`));
  for (const text of texts) text.writeUInt32LE(text.length - 4);
  return Buffer.concat(texts);
}

inBrowser('the packets of a module', (browser) => {
  it('are decoded, filtered and paused while they are open, and hide what is redacted', async () => {
    const service = await startService({ CLUSTERER_REDACT: 'domain' });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await (await service.socket()).call('register_module', UL);
    const page = await browser.openLive(service);
    const modules = page.getByRole('region', { name: 'Modules' });
    await modules.getByText('ul', { exact: true }).click();
    await modules.getByText('Packets', { exact: true }).click();
    await modules.getByText('Waiting for packets.').waitFor();
    await page.getByText('Module ul registered for cluster 1').nth(1).waitFor();
    // The page's own registration is not shown as a module.
    await modules.getByText('ul', { exact: true }).nth(1).waitFor({ state: 'detached' });
    const peer = await connectPeer(service);
    for (const name of ['alice', 'bob']) peer.write(packetBytes({ packetType: 2, payload: aor(name) }));
    const packets = modules.locator('.packets li');
    await packets.filter({ hasText: 'alice' }).waitFor();
    await packets.filter({ hasText: 'bob' }).waitFor();
    expect(await packets.first().innerText()).toMatch(/aor_delete/);
    expect(await packets.first().innerText()).not.toMatch(/location/);
    await modules.getByLabel('Filter packets').fill('BOB');
    await modules.getByText('1 of the last 2').waitFor();
    await modules.getByRole('button', { name: 'Pause' }).click();
    peer.write(packetBytes({ packetType: 2, payload: aor('bob') }));
    await modules.getByLabel('Filter packets').fill('bob');
    await modules.getByText('1 of the last 2').waitFor();
    await modules.getByRole('button', { name: 'Pause' }).click();
    await modules.getByText('2 of the last 3').waitFor();
    await page.waitForFunction(() =>
      document.querySelector('td .spark polyline')?.getAttribute('points')?.includes(' '),
    );
    await modules.getByText('Packets', { exact: true }).click();
    await page.getByText('Module ul unregistered for cluster 1').waitFor();
    await rowOf(page, 1, 2).getByRole('button').click();
    const reception = dialogOf(page, 'Machine 2 of cluster 1').locator('#sheet-receptions');
    await reception.getByText(/^receiving, .* 3 packets in total$/).waitFor();
    await reception.getByText(/\d\/s$/).waitFor();
    await page.waitForFunction(() =>
      document.querySelector('#sheet-receptions polyline')?.getAttribute('points')?.includes(' '),
    );
    expect(browser.faults).toEqual([]);
  });

  it.each([1440, 390])('are used by keyboard, without accessibility violations, at %i px', async (width) => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await (await service.socket()).call('register_module', UL);
    const page = await browser.openLive(service, { viewport: { width, height: 844 } });
    const modules = page.getByRole('region', { name: 'Modules' });
    if (width < 500) await page.getByRole('navigation').getByRole('button', { name: 'Modules' }).press('Enter');
    await modules.locator('.module > summary').press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await modules.getByText('Waiting for packets.').waitFor();
    await page.getByText('Module ul registered for cluster 1').nth(1).waitFor({ state: 'attached' });
    const peer = await connectPeer(service);
    for (let i = 0; i < 30; i++) peer.write(packetBytes({ packetType: 2, payload: aor(`user-${i}`) }));
    await modules.getByText('30 of the last 30').waitFor();
    await modules.getByText('ul', { exact: true }).nth(1).waitFor({ state: 'detached' });
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await modules.getByRole('button', { name: 'Pause' }).getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Tab');
    await page.keyboard.type('user-29');
    await modules.getByText('1 of the last 30').waitFor();
    await page.keyboard.press('Tab');
    expect(await modules.getByRole('list', { name: 'Latest packets' }).evaluate(hasFocus)).toBe(true);
    expect(browser.faults).toEqual([]);
  });

  it('show only their names and counts to the role read', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    await (await service.socket([], { authorization: 'Bearer mod' })).call('register_module', UL);
    const page = await browser.open(service);
    const gate = dialogOf(page, 'Token required');
    await gate.getByLabel('Token').fill('eye');
    await gate.getByRole('button', { name: 'Open' }).click();
    const modules = page.getByRole('region', { name: 'Modules' });
    await page.getByText('eye, read').waitFor();
    await modules.getByText('ul', { exact: true }).click();
    await modules.getByText('Packets', { exact: true }).click();
    await modules.getByText('Fields contain personal data; they require the role module.').waitFor();
    const peer = await connectPeer(service);
    for (const name of ['alice', 'bob']) peer.write(packetBytes({ packetType: 2, payload: aor(name) }));
    await modules.getByText('aor_delete 2 of the newest packets').waitFor();
    expect(await modules.innerText()).not.toMatch(/alice|bob|location/);
    expect(
      (await service.request('GET', '/modules', undefined, { authorization: 'Bearer eye' })).body.modules,
    ).toHaveLength(1);
  });
});
