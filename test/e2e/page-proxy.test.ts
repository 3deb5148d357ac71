import { createHash } from 'node:crypto';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { openDialog, rowOf } from '../support/page/page.js';
import { startProxy, stopProxiesAfterEach } from '../support/peers/reverse-proxy.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
stopProxiesAfterEach();

const HINT = 'The service responds, but the live connection (WebSocket) cannot be opened.';
const SECRET = 'alice';
const TOKENS = { CLUSTERER_TOKENS: `alice:operate:${createHash('sha256').update(SECRET).digest('hex')}` };

async function oneMachine(): Promise<TestService> {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  return service;
}

inBrowser('the page behind a proxy', (browser) => {
  it('is live and can make changes when the proxy forwards the headers', async () => {
    const service = await oneMachine();
    const page = await browser.open({ httpUrl: await startProxy(service, { host: true, upgrade: true }) });
    await rowOf(page, 1, 2).waitFor();
    const down = await openDialog(page, 1, 2, 'Take down…');
    await down.getByRole('button', { name: 'Take down' }).click();
    await page.getByRole('status').getByText('Machine 2 of cluster 1 is down.').waitFor();
    expect(await page.getByText(HINT).isVisible()).toBe(false);
  });

  it.each([true, false])('names Host when the proxy does not forward it (Upgrade forwarded: %s)', async (upgrade) => {
    const service = await oneMachine();
    const page = await browser.open({ httpUrl: await startProxy(service, { host: false, upgrade }) });
    const hint = page.getByRole('alert').filter({ hasText: HINT });
    await hint.getByText('proxy_set_header Host $http_host').waitFor();
    await hint.getByText('CLUSTERER_ORIGINS').waitFor();
  });

  it('names Upgrade and Connection when the proxy does not forward them', async () => {
    const service = await oneMachine();
    const page = await browser.open({ httpUrl: await startProxy(service, { host: true, upgrade: false }) });
    const hint = page.getByRole('alert').filter({ hasText: HINT });
    await hint.getByText('proxy_set_header Upgrade $http_upgrade').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  it('asks for a token first, and then names Host', async () => {
    const service = await startService(TOKENS);
    const page = await browser.open({ httpUrl: await startProxy(service, { host: false, upgrade: true }) });
    await page.getByRole('textbox', { name: 'Token' }).fill(SECRET);
    await page.keyboard.press('Enter');
    await page.getByText('alice, operate').waitFor();
    await page.getByText('proxy_set_header Host $http_host').waitFor();
    await page.getByText(HINT).waitFor();
  });

  it('names the limit of sockets when it is reached', async () => {
    const service = await startService({ CLUSTERER_WS_MAX_PER_CLIENT: '1' });
    const socket = await service.socket();
    const page = await browser.open(service);
    await page.getByRole('alert').getByText('CLUSTERER_WS_MAX_PER_CLIENT').waitFor();
    socket.close();
    await page.getByRole('status').getByText('Live').waitFor({ timeout: 40_000 });
    await page.getByText(HINT).waitFor({ state: 'hidden' });
  });
});

describe('a header that a proxy drops', () => {
  it('is named for a WebSocket request without Upgrade', async () => {
    const httpUrl = await startProxy(await startService(), { host: true, upgrade: false });
    const answer = await fetch(`${httpUrl}/ws`, { headers: { 'sec-websocket-protocol': 'clusterer.v1' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      426,
      'application/problem+json; charset=utf-8',
    ]);
    const { code, detail } = await answer.json();
    expect(code).toBe('upgrade_required');
    for (const word of ['proxy', 'Upgrade', 'Connection', 'proxy_http_version 1.1']) expect(detail).toContain(word);
  });

  it.each([
    ['origin_not_allowed', {}],
    ['origin_not_allowed', TOKENS],
  ])('is named when Origin and Host differ: %s', async (code, environment: Record<string, string>) => {
    const httpUrl = await startProxy(await startService(environment), { host: false, upgrade: true });
    const answer = await fetch(`${httpUrl}/reload`, {
      method: 'POST',
      headers: { origin: httpUrl, authorization: `Bearer ${SECRET}` },
    });
    expect([answer.status, (await answer.clone().json()).code]).toEqual([403, code]);
    expect((await answer.json()).detail).toContain('must pass on the header Host');
  });
});
