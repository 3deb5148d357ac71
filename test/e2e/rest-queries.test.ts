import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const ROUTES = [
  ['GET', '/nodes'],
  ['POST', '/reload'],
  ['GET', '/clusters'],
  ['GET', '/clusters/1'],
  ['GET', '/clusters/1/machines'],
  ['POST', '/clusters/1/machines'],
  ['GET', '/clusters/1/machines/2'],
  ['PUT', '/clusters/1/machines/2'],
  ['DELETE', '/clusters/1/machines/2'],
  ['PUT', '/clusters/1/machines/2/status'],
  ['PUT', '/clusters/1/machines/2/state'],
  ['GET', '/clusters/1/nodes'],
  ['GET', '/clusters/1/check'],
  ['POST', '/clusters/1/packets'],
  ['GET', '/id'],
  ['GET', '/me'],
  ['GET', '/modules'],
  ['GET', '/history'],
  ['GET', '/events'],
  ['GET', '/ws'],
  ['POST', '/mi'],
  ['GET', '/metrics'],
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/openapi.json'],
  ['GET', '/openapi.yaml'],
] as const;

/** A valid body for each route that needs one. */
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /clusters/1/machines': { machine_id: 3, url: 'bin:127.0.0.3' },
  'PUT /clusters/1/machines/2': { description: 'two' },
  'PUT /clusters/1/machines/2/status': { status: 'down' },
  'PUT /clusters/1/machines/2/state': { state: 'down' },
  'POST /clusters/1/packets': { module: 'ul', packet_type: 1 },
  'POST /mi': { jsonrpc: '2.0', method: 'clusterer_set_status', params: [1, 2, 0] },
};

test('every route refuses unknown parameters by name, and changes nothing', async () => {
  const service = await startService();
  const before = await service.provision(1, 2, 'bin:127.0.0.2');
  for (const [method, path] of ROUTES) {
    const required = path.endsWith('/check') ? 'address=127.0.0.2&server_id=2&' : '';
    const url = `${path}?${required}clusterid=1&__proto__=x`;
    const answer = await service.request(method, url, BODIES[`${method} ${path}`]);
    expect([method, path, answer.status, answer.body.code, answer.body.errors]).toEqual([
      method,
      path,
      400,
      'invalid_input',
      ['clusterid', '__proto__'].map((name) => ({
        pointer: `/${name}`,
        detail: 'is not a parameter of this request',
      })),
    ]);
  }
  expect((await service.request('GET', '/nodes')).body.nodes).toEqual([before]);
});

test('HEAD is refused like GET', async () => {
  const service = await startService();
  for (const [method, path] of ROUTES) {
    if (method !== 'GET' || path === '/events' || path === '/ws') continue;
    expect([path, (await service.request('HEAD', `${path}?x=1`)).status]).toEqual([path, 400]);
  }
});

test('a WebSocket upgrade with an unknown parameter is refused', async () => {
  const service = await startService();
  const socket = new WebSocket(`${service.httpUrl.replace('http', 'ws')}/ws?token=x`);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe('Unexpected server response: 400');
});

test('the page and its files accept any query, since links and proxies add parameters', async () => {
  const service = await startService();
  for (const path of ['/', '/web/main.js', '/web/main.css', '/web/icon.svg']) {
    expect([path, (await service.request('GET', `${path}?utm_source=mail`)).status]).toEqual([path, 200]);
    expect([path, (await service.request('HEAD', `${path}?v=2`)).status]).toEqual([path, 200]);
  }
});

test('a question mark without a parameter is not a query', async () => {
  const service = await startService();
  expect((await service.request('GET', '/id?')).status).toBe(200);
});
