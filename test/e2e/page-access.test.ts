import { createHash } from 'node:crypto';
import { inBrowser } from '../support/page/browser.js';
import { ask, dialogOf, rowOf } from '../support/page/page.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** A browser takes its time on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** With characters that base64 and base64url spell differently: the socket's token goes as the latter. */
const SECRET = 'alice??>>~~secret';
const TOKENS = `alice:operate:${sha256(SECRET)},eye:read:${sha256('eye')}`;

async function guarded() {
  const service = await startService({ CLUSTERER_TOKENS: TOKENS });
  const url = 'bin:127.0.0.2:5555';
  const alice = { authorization: `Bearer ${SECRET}` };
  await service.request('POST', '/clusters/1/machines', { machine_id: 2, url }, alice);
  return service;
}

inBrowser('who may do what on the page', (browser) => {
  it('asks for a token, keeps it in its tab alone, and forgets it when it is told to', async () => {
    const service = await guarded();
    const page = await browser.open(service);
    const gate = dialogOf(page, 'This service asks for a token');
    await gate.getByLabel('Token').fill('schlüssel');
    await gate.getByRole('button', { name: 'Open' }).click();
    await gate.getByText('visible ASCII characters').waitFor();
    await gate.getByLabel('Token').fill('wrong');
    await gate.getByRole('button', { name: 'Open' }).click();
    await gate.getByText('This token is not known to the service').waitFor();
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
    await dialogOf(other, 'This service asks for a token').waitFor();

    await page.getByRole('button', { name: 'Forget token' }).click();
    await gate.waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('does for an operator what the token allows, by its name', async () => {
    const page = await browser.open(await guarded());
    await page.getByRole('textbox', { name: 'Token' }).fill(SECRET);
    await page.keyboard.press('Enter');
    const down = await ask(page, 1, 2, 'Take down…');
    await down.getByRole('button', { name: 'Take down' }).click();
    await rowOf(page, 1, 2).getByText('Set down by alice').waitFor();
  });

  it('offers a reader nothing that the token does not allow, and says what it would need', async () => {
    const page = await browser.open(await guarded());
    await page.getByRole('textbox', { name: 'Token' }).fill('eye');
    await page.keyboard.press('Enter');
    await rowOf(page, 1, 2).getByRole('button').click();
    await page.getByText('it needs the role operate').waitFor();
    for (const name of ['Take down…', 'Drain…', 'Change…', 'Remove…']) {
      expect([name, await page.getByRole('button', { name }).isDisabled()]).toEqual([name, true]);
    }
    await page.keyboard.press('Escape');
    for (const name of ['Reload table…', 'Add machine…']) {
      expect([name, await page.getByRole('button', { name }).first().isDisabled()]).toEqual([name, true]);
    }
  });

  it('asks nobody but its own service for anything', async () => {
    const service = await guarded();
    const page = await browser.open(service);
    await page.getByRole('textbox', { name: 'Token' }).fill('eye');
    await page.keyboard.press('Enter');
    await rowOf(page, 1, 2).waitFor();
    expect([...browser.origins]).toEqual([service.httpUrl]);
  });
});
