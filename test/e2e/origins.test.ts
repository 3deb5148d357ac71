import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { EventStream } from '../support/peers/event-stream.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const LISTED = 'https://ops.example';
const TOKENS = { CLUSTERER_TOKENS: `me:operate:${createHash('sha256').update('s3cret').digest('hex')}` };
const BEARER = { authorization: 'Bearer s3cret' };

type Headers = Record<string, string>;

/** The port of the service. */
const portOf = (service: TestService) => new URL(service.httpUrl).port;

/** Sends a request like a browser, with headers that fetch does not allow a program to set. */
async function ask(service: TestService, method: string, path: string, headers: Headers, body?: string) {
  const asked = request(`${service.httpUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
  });
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  const code = text.startsWith('{') ? JSON.parse(text).code : undefined;
  return { status: response.statusCode as number, headers: response.headers, code, text };
}

/** Opens a WebSocket. @returns the status of the refusal, or `open` */
async function upgrade(service: TestService, headers: Headers): Promise<number | 'open'> {
  const socket = new WebSocket(`${service.httpUrl.replace('http', 'ws')}/ws`, ['clusterer.v1'], { headers });
  socket.on('error', () => {});
  const opened = once(socket, 'open').then(() => 'open' as const);
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
  opened.catch(() => {});
  const outcome = await Promise.race([opened, refused]);
  socket.terminate();
  return outcome;
}

/** What a foreign page must not do: write, send, command, listen. */
const ACTS: readonly (readonly [string, string, string?])[] = [
  ['POST', '/reload'],
  ['POST', '/clusters/1/machines', '{"machine_id":2,"url":"bin:127.0.0.2"}'],
  ['DELETE', '/clusters/1/machines/2'],
  ['PUT', '/clusters/1/machines/2/status', '{"status":"down"}'],
  ['POST', '/clusters/1/packets', '{"module":"ul","packet_type":1}'],
  ['POST', '/mi', '{"jsonrpc":"2.0","id":1,"method":"clusterer_reload"}'],
  ['GET', '/events'],
];

const FOREIGN = [
  'http://evil.example',
  'http://127.0.0.1:1',
  'http://localhost:1',
  'null',
  'file://',
  'https://ops.example.evil.example',
  'https://ops.example/',
  'http://ops.example',
];

describe.each([
  ['without tokens', {}, {}],
  ['with a token', TOKENS, BEARER],
])('a page of another origin, %s,', (_, environment: Headers, bearer: Headers) => {
  it('cannot write, listen or read a response', async () => {
    const service = await startService({ ...environment, CLUSTERER_ORIGINS: LISTED });
    for (const origin of FOREIGN) {
      for (const [method, path, body] of ACTS) {
        const answer = await ask(service, method, path, { ...bearer, origin }, body);
        expect([origin, path, answer.status, answer.code]).toEqual([origin, path, 403, 'origin_not_allowed']);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
        expect(answer.text).toContain('CLUSTERER_ORIGINS');
      }
      expect([origin, await upgrade(service, { ...bearer, origin })]).toEqual([origin, 403]);
      const preflight = { origin, 'access-control-request-method': 'POST' };
      expect((await ask(service, 'OPTIONS', '/reload', preflight)).status).toBe(403);
    }
    expect((await service.request('GET', '/clusters', undefined, bearer)).body).toEqual({ clusters: [] });
    expect(await service.logLine({ door: 'ws', reason: 'origin_not_allowed' })).toMatchObject({
      level: 40,
      address: '127.0.0.1',
      what: 'GET /ws',
      caller: bearer.authorization === undefined ? null : 'me',
    });
  });

  it('is recognized by Sec-Fetch-Site when there is no Origin, but may link to the live page', async () => {
    const service = await startService(environment);
    for (const site of ['cross-site', 'same-site']) {
      const image = { ...bearer, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      expect((await ask(service, 'GET', '/events', image)).code).toBe('origin_not_allowed');
      const form = { ...bearer, 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
      expect((await ask(service, 'POST', '/reload', form)).code).toBe('origin_not_allowed');
      expect((await ask(service, 'GET', '/healthz', form)).status).toBe(200);
    }
    for (const site of ['same-origin', 'none']) {
      expect((await ask(service, 'GET', '/id', { ...bearer, 'sec-fetch-site': site })).status).toBe(200);
    }
  });
});

describe("the service's own page", () => {
  it('has the host and port of the request', async () => {
    const service = await startService();
    for (const name of ['127.0.0.1', 'localhost', '[::1]', '10.1.2.3']) {
      const host = `${name}:${portOf(service)}`;
      for (const [origin, status] of [
        [`http://${host}`, 200],
        [`https://${host}`, 200],
        [`http://${name}`, 403],
        [`http://${name}:1`, 403],
      ] as const) {
        expect([origin, (await ask(service, 'POST', '/reload', { host, origin })).status]).toEqual([origin, status]);
        expect([origin, await upgrade(service, { host, origin })]).toEqual([origin, status === 200 ? 'open' : 403]);
      }
    }
  });

  it('may be https behind a proxy that terminates TLS, with or without the default port', async () => {
    const service = await startService(TOKENS);
    for (const [host, origin, status] of [
      ['ops.example', 'https://ops.example', 200],
      ['OPS.example:443', 'https://ops.example', 200],
      ['ops.example:80', 'http://ops.example', 200],
      ['ops.example:80', 'https://ops.example', 403],
      ['ops.example', 'https://other.example', 403],
      ['x@ops.example', 'https://ops.example', 403],
    ] as const) {
      const answer = await ask(service, 'POST', '/reload', { ...BEARER, host, origin });
      expect([host, origin, answer.status]).toEqual([host, origin, status]);
    }
  });
});

describe('a listed origin', () => {
  it('may call, open sockets and streams, and read the responses', async () => {
    const service = await startService({ CLUSTERER_ORIGINS: `${LISTED}, http://10.0.0.1:3000` });
    for (const origin of [LISTED, 'http://10.0.0.1:3000']) {
      const answer = await ask(service, 'POST', '/reload', { origin });
      expect([answer.status, answer.headers]).toMatchObject([
        200,
        {
          'access-control-allow-origin': origin,
          'access-control-expose-headers': 'Age, ETag, Location, Retry-After, X-Clusterer-Seq, X-Request-Id',
          vary: 'Origin',
        },
      ]);
      expect(await upgrade(service, { origin })).toBe('open');
      const stream = await EventStream.open(`${service.httpUrl}/events`, { origin });
      stream.close();
    }
    expect((await ask(service, 'GET', '/nodes', { origin: LISTED })).headers.vary).toBe('Accept, Origin');
    expect((await ask(service, 'GET', '/nodes', {})).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('may read the error of too many requests and its Retry-After', async () => {
    const service = await startService({ CLUSTERER_ORIGINS: LISTED, CLUSTERER_HTTP_REQUESTS_PER_SECOND: '1' });
    let answer = await ask(service, 'GET', '/id', { origin: LISTED });
    while (answer.status === 200) answer = await ask(service, 'GET', '/id', { origin: LISTED });
    const headers = { 'access-control-allow-origin': LISTED, vary: 'Origin', 'retry-after': '1' };
    expect([answer.status, answer.headers]).toMatchObject([429, headers]);
  });

  it('gets responses to its preflights, although they carry no token', async () => {
    const service = await startService({ ...TOKENS, CLUSTERER_ORIGINS: LISTED });
    const preflight = { origin: LISTED, 'access-control-request-method': 'PUT' };
    const answer = await ask(service, 'OPTIONS', '/clusters/1/machines/2', preflight);
    expect([answer.status, answer.text, answer.headers]).toMatchObject([
      204,
      '',
      {
        'access-control-allow-origin': LISTED,
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-allow-headers': expect.stringMatching(/^Authorization, Content-Type, .*Min-Seq, /),
      },
    ]);
    expect((await ask(service, 'POST', '/reload', { origin: LISTED })).status).toBe(401);
  });
});

describe('a host name that resolves to the service', () => {
  it('is refused without tokens, since any page could use it (DNS rebinding)', async () => {
    const service = await startService();
    for (const host of ['evil.example', 'evil.example:8080', 'localhost.evil.example', 'a@127.0.0.1']) {
      for (const [method, path] of [...ACTS, ['GET', '/nodes'], ['GET', '/healthz']] as const) {
        const { status, code, text } = await ask(service, method, path, { host });
        expect([host, path, status, code]).toEqual([host, path, 403, 'host_not_allowed']);
        expect(text).toMatch(/CLUSTERER_ORIGINS.*CLUSTERER_TOKENS/);
      }
      expect([host, await upgrade(service, { host })]).toEqual([host, 403]);
    }
  });

  it('is accepted when it is the host of a listed origin, and with tokens', async () => {
    const listed = await startService({ CLUSTERER_ORIGINS: LISTED });
    expect((await ask(listed, 'GET', '/id', { host: 'ops.example:8080' })).status).toBe(200);
    const guarded = await startService(TOKENS);
    expect((await ask(guarded, 'GET', '/id', { ...BEARER, host: 'any.example' })).status).toBe(200);
  });
});

test('every response has the security headers for browsers', async () => {
  const service = await startService(TOKENS);
  const stream = await fetch(`${service.httpUrl}/events`, { headers: BEARER });
  await stream.body?.cancel();
  const answers = [
    (await service.request('GET', '/id', undefined, BEARER)).headers,
    (await service.request('GET', '/id')).headers,
    (await service.request('GET', '/nowhere')).headers,
    (await service.request('GET', '/%ff')).headers,
    stream.headers,
  ];
  for (const headers of answers) {
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers.get('strict-transport-security')).toBeNull();
  }
});
