import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../support/engine/fake-clock.js';
import { endProgramsAfterEach, programOf, runProgram } from '../support/peers/document-program.js';
import {
  closeReceiversAfterEach,
  isSignedWith,
  type Received,
  WebhookReceiver,
} from '../support/peers/webhook-receiver.js';
import { only, scrape } from '../support/service/metrics.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { MemoryDatabase } from '../support/tables/memory-database.js';

stopServicesAfterEach();
closeReceiversAfterEach();
endProgramsAfterEach();

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ACTIVE = { msg: 'webhook failed; retrying' };

let folder: string;
let secretFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clusterer-webhooks-'));
  secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `${SECRET}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function environment(receiver: WebhookReceiver, more = ''): Record<string, string> {
  return { CLUSTERER_WEBHOOKS: `pager ${receiver.url}?key=hidden secret=${secretFile} ${more}` };
}

/** Machines 2 and 3 of cluster 1. */
async function provisioned(service: TestService): Promise<TestService> {
  for (const machine of [2, 3]) await service.provision(1, machine, `bin:127.0.0.${machine}:5555`);
  return service;
}

function setStatus(service: TestService, machine: number, status: 'up' | 'down', more: object = {}) {
  return service.request('PUT', `/clusters/1/machines/${machine}/status`, { status, ...more });
}

const shortened = ({ body: { type, data } }: Received) => {
  return type === 'node_state' ? `${data.machine.machine_id} ${data.to}` : `${data.machine_id} ${type}`;
};

/** Advances the clock until this resolves. Responses arrive over a real socket, at any time. */
async function advancing<T>(clock: FakeClock, wanted: Promise<T>): Promise<T> {
  let isPending = true;
  void wanted.finally(() => {
    isPending = false;
  });
  while (isPending) {
    clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return wanted;
}

test('a state change and a drain arrive, signed, as the watchers see them', async () => {
  const receiver = await WebhookReceiver.open();
  const service = await provisioned(await startService(environment(receiver)));
  const watcher = await service.socket();
  await watcher.call('watch', {});
  await setStatus(service, 2, 'down', { reason: 'kernel' });
  const requests = await receiver.requests.first(2);
  const [state, drain] = ['node_state', 'drain'].map((type) => requests.find(({ body }) => body.type === type));
  if (state === undefined || drain === undefined) throw new Error('an event is missing');
  for (const request of requests) {
    expect(isSignedWith(SECRET, request)).toBe(true);
    expect(request.contentType).toBe('application/json');
    expect(Math.abs(Date.parse(request.body.timestamp) - request.timestamp * 1000)).toBeLessThan(60_000);
  }
  const { seq: _, ...params } = (await watcher.first('node_state'))[0] as Record<string, unknown>;
  expect(state.body).toEqual({ type: 'node_state', timestamp: expect.any(String), data: params });
  expect(drain.body.data).toEqual({
    cluster_id: 1,
    machine_id: 2,
    from: null,
    to: { reason: 'kernel', until: null, by: null, since: expect.any(String) },
    cause: 'operator',
  });
});

test('the silence of a machine arrives when its reception is disabled and when it is enabled again', async () => {
  const receiver = await WebhookReceiver.open();
  const clock = new FakeClock();
  const service = await provisioned(await startService(environment(receiver, 'events=reception'), { clock }));
  const module = await service.socket();
  await module.call('register_module', { module: 'ul', protocol: 'bin', timeout: 1, auth_check: true, cluster_id: 1 });
  clock.advance(1_001);
  const [first] = await receiver.requests.first(2);
  expect(first?.body.data).toMatchObject({ module: 'ul', cluster_id: 1, from: 'receiving', to: 'disabled' });
  clock.advance(2_001);
  const all = await receiver.requests.first(4);
  expect(all.slice(2).map(({ body }) => body.data.to)).toEqual(['receiving', 'receiving']);
});

test('events of a machine arrive in order, and a machine whose events fail delays no other', async () => {
  const receiver = await WebhookReceiver.open();
  const clock = new FakeClock();
  const service = await provisioned(await startService(environment(receiver, 'events=node_state'), { clock }));
  let failures = 0;
  receiver.answer = (request, response) => {
    const fails = shortened(request).startsWith('2') && failures++ < 3;
    response.writeHead(fails ? 500 : 200).end();
  };
  for (const status of ['down', 'up', 'down'] as const) await setStatus(service, 2, status);
  for (const status of ['down', 'up'] as const) await setStatus(service, 3, status);
  await receiver.requests.until((all) => all.filter((one) => shortened(one).startsWith('3')).length === 2);
  const all = (await advancing(clock, receiver.requests.first(8))).map(shortened);
  const of = (machine: string) => all.filter((one) => one.startsWith(machine));
  expect(of('2')).toEqual(['2 down', '2 down', '2 down', '2 down', '2 up', '2 down']);
  expect(of('3')).toEqual(['3 down', '3 up']);
  await service.logLine({ ...ACTIVE, webhook: 'pager', reason: 'HTTP 500' });
});

test('what was not delivered arrives after a restart, with the same id', async () => {
  const receiver = await WebhookReceiver.open();
  const service = await provisioned(await startServiceOnDisk(environment(receiver, 'events=node_state')));
  receiver.answer = (_, response) => response.writeHead(500).end();
  await setStatus(service, 2, 'down');
  const [before] = await receiver.requests.first();
  await setStatus(service, 2, 'up');
  await service.logLine(ACTIVE);
  await service.stop();
  receiver.answer = (_, response) => response.writeHead(200).end();
  await service.start();
  const all = await receiver.requests.first(3);
  expect(all.map(shortened)).toEqual(['2 down', '2 down', '2 up']);
  expect(all[1]?.id).toBe(before?.id);
  expect(all[2]?.id).not.toBe(before?.id);
});

test('an event that fails for a day stays in the table with the reason, is counted, and the log says so', async () => {
  const receiver = await WebhookReceiver.open();
  const [clock, database] = [new FakeClock(), new MemoryDatabase()];
  const replaced = { clock, openDatabase: () => database.open() };
  const service = await provisioned(await startService(environment(receiver, 'events=node_state'), replaced));
  receiver.answer = (_, response) => response.writeHead(500).end();
  await setStatus(service, 2, 'down');
  await service.logLine(ACTIVE);
  clock.jumpWall(86_400_000);
  const line = await advancing(clock, service.logLine({ msg: 'webhook event given up' }));
  expect(line).toMatchObject({ level: 50, webhook: 'pager', subject: '1/2', reason: 'HTTP 500', attempts: 2 });
  const series = await scrape(service);
  expect(series['clusterer_webhook_events_total{webhook="pager",result="given_up"}']).toBe(1);
  expect(only(series, 'clusterer_webhook_waiting')).toEqual({ '{webhook="pager"}': 0 });
  await service.stop();
  expect([...database.webhooks.rows.values()]).toMatchObject([{ outcome: { error: 'HTTP 500' } }]);
});

test('a receiver that answers 410 gets nothing more', async () => {
  const receiver = await WebhookReceiver.open();
  const service = await provisioned(await startService(environment(receiver, 'events=node_state')));
  receiver.answer = (_, response) => response.writeHead(410).end();
  await setStatus(service, 2, 'down');
  await service.logLine({ msg: 'webhook disabled: its receiver answered 410', webhook: 'pager' });
  await setStatus(service, 2, 'up');
  expect(only(await scrape(service), 'clusterer_webhook_disabled')).toEqual({ '{webhook="pager"}': 1 });
  expect(receiver.requests.all).toHaveLength(1);
});

test('a receiver that asks for a pause gets it', async () => {
  const receiver = await WebhookReceiver.open();
  const clock = new FakeClock();
  const service = await provisioned(await startService(environment(receiver, 'events=node_state'), { clock }));
  receiver.answer = (_, response) => response.writeHead(503, { 'retry-after': '600' }).end();
  await setStatus(service, 2, 'down');
  await service.logLine({ ...ACTIVE, reason: 'HTTP 503' });
  receiver.answer = (_, response) => response.writeHead(200).end();
  const begin = clock.now().unixMs;
  await advancing(clock, receiver.requests.first(2));
  expect(clock.now().unixMs - begin).toBeGreaterThanOrEqual(600_000);
});

test('a receiver that never responds delays neither the service nor its stop', async () => {
  const receiver = await WebhookReceiver.open();
  receiver.answer = null;
  const service = await provisioned(await startService(environment(receiver)));
  for (const status of ['down', 'up', 'down', 'up'] as const) {
    expect((await setStatus(service, 2, status)).status).toBe(200);
  }
  await receiver.requests.first();
  await service.stop();
  expect(receiver.requests.all.length).toBeGreaterThan(0);
});

test('a new secret in the file signs what follows', async () => {
  const receiver = await WebhookReceiver.open();
  const service = await provisioned(await startService(environment(receiver, 'events=node_state')));
  writeFileSync(secretFile, 'no secret');
  await service.logLine({ msg: 'webhook secret file unusable; keeping the previous secrets' });
  await setStatus(service, 2, 'down');
  writeFileSync(secretFile, `${OTHER}\n${SECRET}\n`);
  await service.logLine({ msg: 'webhook secrets reloaded', file: secretFile });
  await setStatus(service, 2, 'up');
  const [before, after] = await receiver.requests.first(2);
  if (before === undefined || after === undefined) throw new Error('an event is missing');
  expect([OTHER, SECRET].map((secret) => isSignedWith(secret, before))).toEqual([false, true]);
  expect([OTHER, SECRET].map((secret) => isSignedWith(secret, after))).toEqual([true, true]);
});

test('no secret and no URL is in the log, whatever fails', async () => {
  const receiver = await WebhookReceiver.open();
  const service = await provisioned(await startService(environment(receiver)));
  await receiver.close();
  await setStatus(service, 2, 'down');
  expect(await service.logLine(ACTIVE)).toMatchObject({ reason: 'ECONNREFUSED' });
  writeFileSync(secretFile, `${OTHER}x`);
  await service.logLine({ msg: 'webhook secret file unusable; keeping the previous secrets' });
  const log = JSON.stringify(service.logLines);
  expect(log).toContain('webhooks enabled');
  expect(log).not.toMatch(/MfKQ9r8G|BwcHBwcH|key=hidden/);
});

test('without webhooks nothing of them is loaded, and there is no table of them', async () => {
  const service = await startServiceOnDisk();
  expect(only(await scrape(service), 'clusterer_webhook_waiting')).toEqual({});
  const tables = service.logLines.filter(({ msg }) => msg === 'missing table created').map(({ table }) => table);
  expect(tables).toContain('clusterer_history');
  expect(tables).not.toContain('clusterer_webhooks');
});

test('the receiver of docs/webhooks.md accepts an event, and rejects a false signature', async () => {
  const { printed } = runProgram(programOf('docs/webhooks.md', 'receiver'), '', { SECRET, PORT: '0' });
  const port = await printed.until(([line]) => line?.replace('port ', ''));
  const url = `http://127.0.0.1:${port}/`;
  const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) };
  const forged = { ...headers, 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` };
  expect((await fetch(url, { method: 'POST', headers: forged, body: '{}' })).status).toBe(401);
  const webhook = `pager ${url} secret=${secretFile} events=node_state`;
  const service = await provisioned(await startService({ CLUSTERER_WEBHOOKS: webhook }));
  await setStatus(service, 2, 'down');
  const line = await printed.until(([, received]) => received);
  expect(line).toMatch(/^evt_\d+ {"type":"node_state"/);
});
