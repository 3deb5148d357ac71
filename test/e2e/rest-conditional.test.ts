import { startService, stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(30_000);
stopServicesAfterEach();

const OF_CONTENT = ['content-type', 'content-length', 'transfer-encoding'];

describe('a client that has the current ETag', () => {
  it.each(['GET', 'HEAD'])('gets 304 to %s, without headers of a body', async (method) => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2');
    for (const path of ['/', '/web/main.js', '/nodes', '/clusters/1/machines', '/clusters/1/machines/2']) {
      const { headers } = await service.request('GET', path);
      const etag = headers.get('etag') ?? '';
      const ask = (known: string) => fetch(service.httpUrl + path, { method, headers: { 'if-none-match': known } });
      const same = await ask(etag);
      expect([path, same.status, await same.text(), same.headers.get('etag')]).toEqual([path, 304, '', etag]);
      // A cache would store them with the body that it has (RFC 9111, 3.2).
      expect(OF_CONTENT.filter((name) => same.headers.has(name))).toEqual([]);
      const other = await ask('"another"');
      expect([path, other.status, other.headers.get('etag')]).toEqual([path, 200, etag]);
      for (const name of OF_CONTENT) expect([name, other.headers.get(name)]).toEqual([name, headers.get(name)]);
    }
  });
});
