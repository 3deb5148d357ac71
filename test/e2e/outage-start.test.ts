import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';

jest.setTimeout(60_000);
endProcessesAfterEach();

describe('a start without a database', () => {
  it.each([
    ['postgres', 'PostgreSQL'],
    ['mysql', 'MySQL'],
  ])('ends with 1 within seconds, names host and port, and never the password (%s)', async (scheme, product) => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await once(closed.close(), 'close');
    const began = performance.now();

    const service = new ServiceProcess({ CLUSTERER_DB_URL: `${scheme}://me:s3cret%40@127.0.0.1:${port}/x` });

    expect(await service.exited).toBe(1);
    expect(performance.now() - began).toBeLessThan(9_000);
    expect(service.stderr).toContain(`The database cannot be used: ${product} at 127.0.0.1:${port} (`);
    expect(service.stderr).toContain('Bring it back or correct CLUSTERER_DB_URL.');
    expect(service.stderr + JSON.stringify(service.logLines)).not.toContain('s3cret');
  });
});
