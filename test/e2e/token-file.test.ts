import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStream } from '../support/peers/event-stream.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { Table } from '../support/tables/table.js';

stopServicesAfterEach();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const entry = (name: string, role: string, secret = `${name}-secret`) => `${name}:${role}:${sha256(secret)}\n`;
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };
const IN_FORCE = { msg: 'token file reloaded' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clusterer-tokens-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const file = () => join(folder, 'tokens');

async function startWith(text: string, start = startService): Promise<TestService> {
  writeFileSync(file(), text);
  return start({ CLUSTERER_TOKENS: `@${file()}` });
}

async function status(service: TestService, secret: string): Promise<number> {
  return (await service.request('GET', '/id', undefined, bearer(secret))).status;
}

/** How a file is changed: by a program that writes it, by an editor, and by Kubernetes. */
const CHANGES: readonly (readonly [string, (text: string) => void])[] = [
  ['is rewritten', (text) => writeFileSync(file(), text)],
  [
    'is replaced by another file',
    (text) => {
      writeFileSync(join(folder, 'new'), text);
      renameSync(join(folder, 'new'), file());
    },
  ],
  [
    'is a link to a new target',
    (text) => {
      mkdirSync(join(folder, 'data'));
      writeFileSync(join(folder, 'data/tokens'), text);
      symlinkSync('data/tokens', join(folder, 'link'));
      renameSync(join(folder, 'link'), file());
    },
  ],
];

test.each(CHANGES)(
  'a file that %s is reloaded; only the sockets and streams of removed tokens are closed',
  async (_, change) => {
    const service = await startWith(entry('old', 'module') + entry('stays', 'module'));
    const [old, stays] = await Promise.all(
      ['old', 'stays'].map((name) => service.socket(['clusterer.v1'], bearer(`${name}-secret`))),
    );
    const events = `${service.httpUrl}/events`;
    const ending = await EventStream.open(events, bearer('old-secret'));
    const going = await EventStream.open(events, bearer('stays-secret'));
    change(entry('stays', 'module') + entry('new', 'read'));
    expect(await old?.closed).toEqual({ code: 4500, reason: 'the token was withdrawn' });
    await ending.closed;
    expect([await status(service, 'old-secret'), await status(service, 'new-secret')]).toEqual([401, 200]);
    expect(await stays?.call('register_module', UL)).toMatchObject({ seq: 0 });
    expect(await going.first(2)).toMatchObject([{}, { event: 'module_registered' }]);
    expect(await service.logLine({ door: 'http', reason: 'token_withdrawn' })).toMatchObject({ caller: 'old' });
    expect(await service.logLine({ door: 'ws', reason: 'token_withdrawn' })).toMatchObject({
      caller: 'old',
      code: 4500,
    });
    going.close();
  },
);

test('a withdrawn stream that is not read is cut off, and later changes do no harm', async () => {
  const service = await startWith(entry('eye', 'read') + entry('me', 'operate'), startServiceOnDisk);
  const me = bearer('me-secret');
  const table = await Table.open(service.databaseFile);
  // A snapshot that is longer than the buffers of an unread connection.
  await table.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO clusterer
     (cluster_id, machine_id, url, description) SELECT 1, i, 'bin:127.0.0.2:5555', 'one of the many machines of this cluster' FROM n`,
  );
  await table.close();
  await service.request('POST', '/reload', undefined, me);
  const asked = request(`${service.httpUrl}/events`, { headers: bearer('eye-secret'), agent: false }).end();
  const [unread] = await once(asked, 'response');
  unread.on('error', () => {});
  const closed = new Promise((resolve) => unread.once('close', resolve));
  writeFileSync(file(), entry('me', 'operate'));
  await service.logLine(IN_FORCE);
  const path = '/clusters/1/machines/1/status';
  expect((await service.request('PUT', path, { status: 'down' }, me)).status).toBe(200);
  expect((await service.request('PUT', path, { status: 'up' }, me)).status).toBe(200);
  unread.resume();
  await closed;
  expect(unread.complete).toBe(false);
});

test('a lower role closes the socket, and a higher one applies to it at once', async () => {
  const service = await startWith(entry('me', 'module'));
  const socket = await service.socket(['clusterer.v1'], bearer('me-secret'));
  writeFileSync(file(), entry('me', 'read'));
  expect((await socket.closed).code).toBe(4500);
  const reader = await service.socket(['clusterer.v1'], bearer('me-secret'));
  await expect(reader.call('register_module', UL)).rejects.toMatchObject({ code: 403 });
  const before = service.logLines.length;
  writeFileSync(file(), entry('me', 'operate'));
  await service.logLine(IN_FORCE, before);
  expect(await reader.call('register_module', UL)).toMatchObject({ seq: 0 });
});

test('a client resumes with a new token of the same name; a token of another name cannot resume', async () => {
  const service = await startWith(entry('sip', 'module') + entry('sip', 'module', 'next') + entry('else', 'module'));
  const first = await service.socket(['clusterer.v1'], bearer('sip-secret'));
  const { registration, epoch } = await first.call('register_module', UL);
  writeFileSync(file(), entry('sip', 'module', 'next') + entry('else', 'module'));
  expect((await first.closed).code).toBe(4500);
  const resume = { registration, epoch, seq: 0 };
  const stranger = await service.socket(['clusterer.v1'], bearer('else-secret'));
  expect(await stranger.call('register_module', { ...UL, resume })).toMatchObject({
    resumed: false,
    reason: 'unknown',
  });
  const second = await service.socket(['clusterer.v1'], bearer('next'));
  expect(await second.call('register_module', { ...UL, resume })).toMatchObject({ resumed: true, registration });
});

test('a broken or missing file keeps the previous tokens in force, and the log says so without a hash', async () => {
  const service = await startWith(entry('me', 'read'));
  writeFileSync(file(), `${entry('me', 'read')}you:boss:${sha256('you')}`);
  const broken = await service.logLine({ reason: 'line 2: the role of "you" is not one of read, module, operate' });
  expect(broken).toMatchObject({ level: 50, file: file() });
  rmSync(file());
  const isMissing = ({ reason }: Record<string, unknown>) => /ENOENT/.test(String(reason));
  while (!service.logLines.some(isMissing)) await service.nextLogLine();
  expect(await status(service, 'me-secret')).toBe(200);
  writeFileSync(file(), entry('you', 'read'));
  await service.logLine(IN_FORCE);
  expect([await status(service, 'me-secret'), await status(service, 'you-secret')]).toEqual([401, 200]);
  expect(JSON.stringify(service.logLines)).not.toMatch(/[0-9a-f]{64}/);
});

test('a file without tokens lets nobody in until it has one', async () => {
  const service = await startWith('# nobody yet\n');
  expect((await service.request('GET', '/id')).status).toBe(401);
  writeFileSync(file(), entry('me', 'read'));
  await service.logLine(IN_FORCE);
  expect(await status(service, 'me-secret')).toBe(200);
});

test.each([
  ['is not there', () => {}, /ENOENT/],
  ['is a folder', () => mkdirSync(file()), /it is not a file/],
  ['is broken', () => writeFileSync(file(), `\nme:read:${'z'.repeat(64)}`), /line 2: the sha256 of "me"/],
])('a start with a file that %s fails with the variable and the file', async (_, make, reason) => {
  make();
  const failed = startService({ CLUSTERER_TOKENS: `@${file()}` });
  await expect(failed).rejects.toThrow(`CLUSTERER_TOKENS names the file ${file()}, which cannot be used: `);
  await expect(failed).rejects.toThrow(reason);
  await expect(failed).rejects.not.toThrow('zzz');
});
