import { createHash } from 'node:crypto';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const ROLES = ['read', 'module', 'operate'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TOKENS = ROLES.map((role) => `${role}er:${role}:${sha256(`${role}-secret`)}`).join(',');
const bearer = (role: string) => ({ authorization: `Bearer ${role}-secret` });

/** A service with a token of each role and one machine. */
async function startGuarded(): Promise<TestService> {
  const service = await startService({ CLUSTERER_TOKENS: TOKENS });
  const machine = { machine_id: 2, url: 'bin:127.0.0.2' };
  await service.request('POST', '/clusters/1/machines', machine, bearer('operate'));
  return service;
}

const NEEDED: readonly (readonly [string, string, string, object?])[] = [
  ['read', 'GET', '/nodes'],
  ['read', 'GET', '/clusters'],
  ['read', 'GET', '/clusters/1'],
  ['read', 'GET', '/clusters/1/machines'],
  ['read', 'GET', '/clusters/1/machines/2'],
  ['read', 'GET', '/clusters/1/nodes'],
  ['read', 'GET', '/clusters/1/check?address=127.0.0.2&server_id=2'],
  ['read', 'GET', '/id'],
  ['read', 'GET', '/modules'],
  ['read', 'GET', '/modules/1/packets'],
  ['read', 'GET', '/layouts'],
  ['read', 'GET', '/metrics'],
  ['module', 'PUT', '/clusters/1/machines/2/state', { state: 2 }],
  ['module', 'POST', '/clusters/1/packets', { module: 'ul', packet_type: 1, protocol: 'bin' }],
  ['operate', 'PUT', '/clusters/1/machines/2/state', { state: 0 }],
  ['operate', 'PUT', '/clusters/1/machines/2/state', { state: 'up' }],
  ['operate', 'PUT', '/clusters/1/machines/2/status', { status: 'down' }],
  ['operate', 'POST', '/reload'],
  ['operate', 'PUT', '/clusters/1/machines/2', { duration: 5 }],
  ['operate', 'POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.3' }],
  ['operate', 'DELETE', '/clusters/1/machines/3'],
];

test('each call requires its role, and higher roles include it', async () => {
  const service = await startGuarded();
  for (const [needed, method, path, body] of NEEDED) {
    for (const role of ROLES) {
      const answer = await service.request(method, path, body, bearer(role));
      const enough = ROLES.indexOf(role) >= ROLES.indexOf(needed);
      expect([method, path, role, answer.status === 403]).toEqual([method, path, role, !enough]);
      if (!enough)
        expect(answer.body).toMatchObject({
          code: 'forbidden',
          detail: expect.stringMatching(/requires a token with the role (module|operate)/),
        });
    }
  }
});

test('a missing or unknown token is 401, and the error says how to send one', async () => {
  const service = await startGuarded();
  for (const [, method, path, body] of NEEDED) {
    for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
      const answer = await service.request(method, path, body, headers);
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 401, 'unauthorized']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="clusterer"');
    }
  }
});

test('a token may contain other letters than ASCII, in UTF-8 as curl sends it or in Latin-1 as fetch does', async () => {
  const token = 'clé-à-part';
  const service = await startService({ CLUSTERER_TOKENS: `reader:read:${sha256(token)}` });
  for (const sent of [Buffer.from(token).toString('latin1'), token]) {
    const answer = await service.request('GET', '/id', undefined, { authorization: `Bearer ${sent}` });
    expect([sent, answer.status]).toEqual([sent, 200]);
  }
});

test('the scheme Bearer is accepted in any case, and no other scheme', async () => {
  const service = await startGuarded();
  const statusOf = async (authorization: string) =>
    (await service.request('GET', '/id', undefined, { authorization })).status;
  for (const good of ['Bearer read-secret', 'bearer read-secret', 'BEARER   read-secret']) {
    expect([good, await statusOf(good)]).toEqual([good, 200]);
  }
  for (const bad of ['read-secret', 'Basic read-secret', 'Bearer', 'Bearer read-secret more', 'Bearer READ-SECRET']) {
    expect([bad, await statusOf(bad)]).toEqual([bad, 401]);
  }
});

test('access is checked before everything else in a request', async () => {
  const service = await startGuarded();
  const faulty: readonly (readonly [string, string, string | undefined])[] = [
    ['PUT', '/clusters/1/machines/2/status', '{not json'],
    ['PUT', '/clusters/abc/machines/0/status', '{}'],
    ['DELETE', '/clusters/9/machines/9', undefined],
  ];
  for (const [method, path, body] of faulty) {
    expect((await service.request(method, path, body)).status).toBe(401);
    expect((await service.request(method, path, body, bearer('read'))).status).toBe(403);
  }
});

test('liveness, readiness, the document and its reference are open, and contain no token', async () => {
  const service = await startGuarded();
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/openapi.yaml', '/docs']) {
    const answer = await service.request('GET', path);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.text).not.toContain(sha256('read-secret'));
  }
});

test('no token and no hash of a token is logged', async () => {
  const service = await startGuarded();
  await service.request('GET', '/id', undefined, { authorization: 'Bearer wrong-secret' });
  await service.request('POST', '/reload', undefined, bearer('read'));
  expect(JSON.stringify(service.logLines)).not.toMatch(new RegExp(`-secret|${sha256('read-secret')}`));
});
