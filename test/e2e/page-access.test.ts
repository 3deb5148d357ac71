import { createHash } from 'node:crypto';
import { inBrowser } from '../support/page/browser.js';
import { dialogOf, openDialog, rowOf } from '../support/page/page.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** With characters that differ in base64 and base64url: the socket's token is sent in the latter. */
const SECRET = 'alice??>>~~secret';
const TOKENS = `alice:operate:${sha256(SECRET)},eye:read:${sha256('eye')}`;

async function guarded() {
  const service = await startService({ CLUSTERER_TOKENS: TOKENS });
  const url = 'bin:127.0.0.2:5555';
  const alice = { authorization: `Bearer ${SECRET}` };
  await service.request('POST', '/clusters/1/machines', { machine_id: 2, url }, alice);
  return service;
}

inBrowser('access on the page', (browser) => {
  it('asks for a token, keeps it in this tab only, and forgets it on request', async () => {
    const service = await guarded();
    const page = await browser.open(service);
    const gate = dialogOf(page, 'Token required');
    await gate.getByLabel('Token').fill('schlüssel');
    await gate.getByRole('button', { name: 'Open' }).click();
    await gate.getByText('visible ASCII characters').waitFor();
    await gate.getByLabel('Token').fill('wrong');
    await gate.getByRole('button', { name: 'Open' }).click();
    await gate.getByText('The service does not accept this token').waitFor();
    expect(await rowOf(page, 1, 2).count()).toBe(0);
    await page.keyboard.press('Escape');
    await gate.getByLabel('Token').fill(SECRET);
    await page.keyboard.press('Enter');
    await rowOf(page, 1, 2).waitFor();
    await page.getByText('alice, operate').waitFor();

    await page.reload();
    await rowOf(page, 1, 2).waitFor();
    const kept = '[location.href, document.cookie, JSON.stringify(localStorage), sessionStorage.length]';
    expect(await page.evaluate(kept)).toEqual([`${service.httpUrl}/`, '', '{}', 1]);
    const other = await page.context().newPage();
    await other.goto(service.httpUrl);
    await dialogOf(other, 'Token required').waitFor();

    await page.getByRole('button', { name: 'Forget token' }).click();
    await gate.waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('shows the first commands with the token, as soon as one was entered', async () => {
    const page = await browser.open(await startService({ CLUSTERER_TOKENS: TOKENS }));
    await page.getByRole('textbox', { name: 'Token' }).fill(SECRET);
    await page.keyboard.press('Enter');
    const commands = page.locator('#first-run');
    // They are there before the script has filled them in.
    await commands.getByText('curl').waitFor();
    const [token, add] = (await commands.innerText()).split('\n');
    expect(token).toBe("export CLUSTERER_TOKEN='your token'");
    expect(add).toContain('-H "authorization: Bearer $CLUSTERER_TOKEN"');
    expect(await page.content()).not.toContain(SECRET);
  });

  it('acts for an operator under the name of the token', async () => {
    const page = await browser.open(await guarded());
    await page.getByRole('textbox', { name: 'Token' }).fill(SECRET);
    await page.keyboard.press('Enter');
    const down = await openDialog(page, 1, 2, 'Take down…');
    await down.getByRole('button', { name: 'Take down' }).click();
    await rowOf(page, 1, 2).getByText('Set down by alice').waitFor();
  });

  it('disables the actions of a reader, and names the role they need', async () => {
    const page = await browser.open(await guarded());
    await page.getByRole('textbox', { name: 'Token' }).fill('eye');
    await page.keyboard.press('Enter');
    await rowOf(page, 1, 2).getByRole('button').click();
    await page.getByText('changes require the role operate').waitFor();
    for (const name of ['Take down…', 'Drain…', 'Change…', 'Remove…']) {
      expect([name, await page.getByRole('button', { name }).isDisabled()]).toEqual([name, true]);
    }
    await page.keyboard.press('Escape');
    for (const name of ['Reload table…', 'Add machine…']) {
      expect([name, await page.getByRole('button', { name }).first().isDisabled()]).toEqual([name, true]);
    }
  });

  it('sends requests to its own service only', async () => {
    const service = await guarded();
    const page = await browser.open(service);
    await page.getByRole('textbox', { name: 'Token' }).fill('eye');
    await page.keyboard.press('Enter');
    await rowOf(page, 1, 2).waitFor();
    expect([...browser.origins]).toEqual([service.httpUrl]);
  });
});
