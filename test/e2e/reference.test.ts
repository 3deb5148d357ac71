import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { inBrowser, violationsOf } from '../support/page/browser.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

interface Operation {
  readonly operationId: string;
  readonly summary: string;
}

const { paths, webhooks, components } = parse(readFileSync(join(__dirname, '../../openapi.yaml'), 'utf8'));
const operations = Object.values<Record<string, Operation>>({ ...paths, ...webhooks }).flatMap((path) =>
  Object.values(path),
);
const schemas = Object.keys(components.schemas);

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

describe('GET /docs', () => {
  it('is open, also with tokens, and is sent again only after it has changed', async () => {
    const service = await startService({ CLUSTERER_TOKENS: `eye:read:${'0'.repeat(64)}` });
    const page = await service.request('GET', '/docs?from=mail', undefined, { origin: 'https://ops.example' });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const again = await service.request('GET', '/docs', undefined, { 'if-none-match': page.headers.get('etag') ?? '' });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('is one file: without scripts, and with a style sheet that its policy allows by hash', async () => {
    const service = await startService();
    const { text, headers } = await service.request('GET', '/docs');
    expect(text).not.toMatch(/<script|<link rel="stylesheet"|\ssrc=|\sstyle=|\son\w+=|href="https?:|url\(|@import/);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'sha256-[\w+/]{43}='; img-src 'self' data:; connect-src 'self'; base-uri 'none'; /,
    );
  });

  it('has no other path', async () => {
    const service = await startService();
    expect((await service.request('GET', '/web/reference.html')).status).toBe(404);
  });
});

inBrowser('the reference', (browser) => {
  const open = async (options = {}) => {
    const { httpUrl } = await startService();
    const page = await browser.open({ httpUrl: `${httpUrl}/docs` }, options);
    return { page, httpUrl };
  };

  it('is styled, loads nothing else, and violates no policy', async () => {
    const { page, httpUrl } = await open();
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.reload();
    expect(await page.evaluate('getComputedStyle(document.querySelector(".columns")).display')).toBe('grid');
    expect(urls.filter((url) => !url.startsWith('data:'))).toEqual([`${httpUrl}/docs`]);
    expect(browser.faults).toEqual([]);
  });

  it('has every operation, every webhook and every schema, and each of its links leads somewhere', async () => {
    const { page } = await open();
    const articles = await page.evaluate<[string, string][]>(
      `[...document.querySelectorAll('article')].map(({ id, innerText }) => [id, innerText])`,
    );
    const texts = new Map(articles);
    expect([...texts.keys()].sort()).toEqual(
      [...operations.map(({ operationId }) => operationId), ...schemas.map((name) => `schema-${name}`)].sort(),
    );
    for (const { operationId, summary } of operations) expect(texts.get(operationId)).toContain(summary.split('`')[0]);
    const dead = `[...document.querySelectorAll('a[href^="#"]')].map(({ hash }) => hash.slice(1)).filter((id) => !document.getElementById(id))`;
    expect(await page.evaluate(dead)).toEqual([]);
  });

  it('links every schema from what uses it', async () => {
    const { page } = await open();
    const hashes = `[...document.querySelectorAll('article a')].map(({ hash }) => hash)`;
    const linked = new Set(await page.evaluate<string[]>(hashes));
    expect(schemas.filter((name) => !linked.has(`#schema-${name}`))).toEqual([]);
  });

  it.each([
    ['screen in light colours', { viewport: { width: 1300, height: 900 }, colorScheme: 'light' }],
    ['phone in dark colours', { ...PHONE, colorScheme: 'dark' }],
  ] as const)('is accessible on a %s, and as wide as that', async (_name, options) => {
    const { page } = await open(options);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('leads to the live page, which leads back', async () => {
    const { page, httpUrl } = await open();
    await page.getByRole('link', { name: 'Live page' }).click();
    await page.getByRole('link', { name: 'API' }).click();
    await page.getByRole('heading', { name: 'schemas' }).waitFor();
    expect(page.url()).toBe(`${httpUrl}/docs`);
  });
});
