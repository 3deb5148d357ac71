import { createHash } from 'node:crypto';
import { inBrowser } from '../support/page/browser.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** A start takes a second, more on a busy machine. */
jest.setTimeout(30_000);
stopServicesAfterEach();

const TOKENS = `alice:operate:${createHash('sha256').update('alice').digest('hex')}`;

describe('the page', () => {
  it('is served to everyone, also with tokens, and again only after it has changed', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const page = await service.request('GET', '/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await service.request('GET', '/', undefined, { 'if-none-match': page.headers.get('etag') ?? '' });
    expect([again.status, again.text]).toEqual([304, '']);
    const other = await service.request('GET', '/', undefined, { 'if-none-match': '"another"' });
    expect(other.status).toBe(200);
  });

  it('has every file that it names, with the right content type', async () => {
    const service = await startService();
    const { text } = await service.request('GET', '/');
    const named = new Set([...text.matchAll(/(?:href|src)="(web\/[^"]+)"/g)].map(([, path]) => path ?? ''));
    expect(named.size).toBe(3);
    const types = new Map<string, string | null>();
    for (const path of named) {
      const file = await service.request('GET', `/${path}`);
      expect([path, file.status]).toEqual([path, 200]);
      types.set(path.split('.').at(-1) ?? '', file.headers.get('content-type'));
    }
    expect(Object.fromEntries(types)).toEqual({
      svg: 'image/svg+xml',
      css: 'text/css; charset=utf-8',
      js: 'text/javascript; charset=utf-8',
    });
  });

  it('is served when a proxy changes Host, but not to pages of another origin', async () => {
    const service = await startService();
    const { text } = await service.request('GET', '/');
    const paths = [...text.matchAll(/(?:href|src)="(web\/[^"]+)"/g)].map(([, path]) => `/${path}`);
    for (const path of ['/', ...paths, '/client/browser.js']) {
      const file = await service.request('GET', path, undefined, { origin: 'https://ops.example' });
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.headers.get('access-control-allow-origin')).toBeNull();
      expect(file.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
    const data = await service.request('GET', '/nodes', undefined, { origin: 'https://ops.example' });
    expect([data.status, data.body.code]).toEqual([403, 'origin_not_allowed']);
  });

  it('has no external URL, no inline script and no inline style', async () => {
    const service = await startService();
    const { text } = await service.request('GET', '/');
    expect(text).not.toMatch(/https?:|<style|style=|<script>|\son\w+=/);
  });

  it('cannot be written to, and does not expose other files', async () => {
    const service = await startService();
    const written = await service.request('POST', '/');
    expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    for (const path of [
      '/web/',
      '/web/main.ts',
      '/web/index.html',
      '/web/../package.json',
      '/web/%2e%2e/.tsbuildinfo',
    ]) {
      expect([path, (await service.request('GET', path)).status]).toEqual([path, 404]);
    }
  });
});

inBrowser('the page', (browser) => {
  it('loads in at most four requests, besides what it reads from the API', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const page = await browser.openLive(service);
    const paths: string[] = [];
    page.on('request', (request) => {
      if (!['fetch', 'websocket'].includes(request.resourceType())) paths.push(new URL(request.url()).pathname);
    });
    await page.reload();
    await page.getByText('Machine 2', { exact: true }).waitFor();
    expect(paths.sort()).toEqual(['/', '/web/icon.svg', '/web/main.css', '/web/main.js']);
    expect(browser.faults).toEqual([]);
  });
});

describe('GET /me', () => {
  it('returns the name and the role of the token', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const answer = await service.request('GET', '/me', undefined, { authorization: 'Bearer alice' });
    expect(answer.body).toEqual({ name: 'alice', role: 'operate' });
    expect((await service.request('GET', '/me')).status).toBe(401);
  });

  it('returns the role operate without tokens', async () => {
    const service = await startService();
    expect((await service.request('GET', '/me')).body).toEqual({ name: null, role: 'operate' });
  });
});
