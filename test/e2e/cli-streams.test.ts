import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capturedPayloads } from '../fixtures/payloads.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { CommandProcess, CommandRun, endCommandsAfterEach } from '../support/service/command-line.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { processFolder } from '../support/service/service-process.js';

/** A process takes a second to start on a busy machine. */
jest.setTimeout(30_000);
endCommandsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();

const folder = processFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a command that keeps running. */
function start(service: TestService, ...args: string[]): CommandRun {
  return new CommandRun(args, { env: { CLUSTERER_URL: service.httpUrl } });
}

function setStatus(service: TestService, clusterId: number, status: 'up' | 'down') {
  return service.request('PUT', `/clusters/${clusterId}/machines/2/status`, { status });
}

async function twoClusters(environment: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const service = await startService(environment);
  for (const cluster of [1, 2]) await service.provision(cluster, 2, `bin:127.0.0.${cluster + 1}:5555`);
  return service;
}

async function restart(service: TestService): Promise<void> {
  const { port } = new URL(service.httpUrl);
  await service.stop();
  await service.start({ CLUSTERER_HTTP_PORT: port });
}

/** The lines without their time of day. */
const words = (lines: readonly string[]) => lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, ''));

describe('clusterer watch', () => {
  it('prints one line per event, of every cluster', async () => {
    const service = await twoClusters();
    const watch = start(service, 'watch');
    await watch.lines.first();
    await setStatus(service, 2, 'down');
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await service.request('DELETE', '/clusters/1/machines/3');
    await service.request('POST', '/reload');
    expect(words(await watch.lines.first(6))).toEqual([
      '2 machines, 0 registrations; all up',
      '2/2  up -> down  operator',
      '1/3  added  bin:127.0.0.3:5555',
      '1/3  removed  bin:127.0.0.3:5555',
      '2/2  down -> up  reload',
      'reloaded  2 machines in 2 clusters: 0 added, 0 removed, 1 changed, 0 skipped',
    ]);
  });

  it('of one cluster reconnects after a restart of the service and prints a new snapshot, until Ctrl-C', async () => {
    const service = await twoClusters();
    const watch = start(service, 'watch', '--cluster', '1');
    await watch.lines.first();
    await restart(service);
    await watch.errors.until((lines) => lines.includes('clusterer: reconnected'));
    await watch.lines.first(2);
    await setStatus(service, 2, 'down');
    await setStatus(service, 1, 'down');
    expect(words(await watch.lines.first(3))).toEqual([
      '1 machine, 0 registrations; all up',
      '1 machine, 0 registrations; all up',
      '1/2  up -> down  operator',
    ]);
    watch.kill('SIGINT');
    expect(await watch.exited).toBe(130);
    expect(watch.stderr).toBe('clusterer: connection lost; reconnecting\nclusterer: reconnected\n');
  });

  it('prints the reason and the end of a drain', async () => {
    const service = await twoClusters();
    const watch = start(service, 'watch');
    await watch.lines.first();
    const drain = { reason: 'kernel update', until: '2126-01-01T00:00:00.000Z' };
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down', ...drain });
    expect(words(await watch.lines.first(2))[1]).toBe(
      '1/2  up -> down  operator; drained until 2126-01-01T00:00:00.000Z: kernel update',
    );
  });

  it('prints JSON lines with --json: the snapshot, and each change as the stream sends it', async () => {
    const service = await twoClusters();
    const watch = start(service, 'watch', '--json');
    await watch.lines.first();
    await setStatus(service, 1, 'down');
    const [snapshot, change] = (await watch.lines.first(2)).map((line) => JSON.parse(line));
    expect([snapshot.method, snapshot.params.nodes.length]).toEqual(['snapshot', 2]);
    for (const line of [snapshot, change]) expect(Object.keys(line)).toEqual(['method', 'params']);
    expect(change).toMatchObject({ method: 'node_state', params: { machine: { machine_id: 2 }, to: 'down' } });
  });

  it('warns of a cluster that is not loaded, and prints its machines when they are added', async () => {
    const service = await twoClusters();
    const watch = start(service, 'watch', '--cluster', '9');
    expect(words(await watch.lines.first())).toEqual(['no machine, 0 registrations']);
    expect(watch.stderr).toBe('clusterer: Cluster 9 has no loaded row. Waiting for its machines.\n');
    await service.provision(9, 1, 'bin:127.0.0.9:5555');
    expect(words(await watch.lines.first(2))[1]).toBe('9/1  added  bin:127.0.0.9:5555');
  });

  it('exits with 1 when its token is withdrawn', async () => {
    const file = join(folder, 'tokens');
    writeFileSync(file, `me:read:${createHash('sha256').update('secret').digest('hex')}`);
    const service = await startService({ CLUSTERER_TOKENS: `@${file}` });
    const watch = start(service, 'watch', '--token', 'secret');
    await watch.lines.first();
    writeFileSync(file, '');
    expect(await watch.exited).toBe(1);
    expect(watch.stderr).toContain('clusterer: The token was withdrawn');
    expect(watch.stderr).not.toContain('secret');
  });
});

describe('clusterer listen', () => {
  it('prints packets as they arrive, from every cluster, with control characters escaped', async () => {
    const service = await twoClusters();
    const listen = start(service, 'listen', 'ul');
    await service.logLine({ msg: 'module registered' });
    const peer = await connectPeer(service);
    peer.write(packetBytes({ payload: 'hello' }));
    await listen.lines.first();
    peer.write(packetBytes({ machineId: 9, packetType: -4, payload: '\x1b[2J\\' }));
    expect(words(await listen.lines.first(2))).toEqual([
      expect.stringMatching(/^machine 2 {2}ul {2}type 3 {2}127\.0\.0\.2:\d+ {2}5 bytes {2}"hello"$/),
      expect.stringMatching(/^machine 9 {2}ul {2}type -4 {2}127\.0\.0\.2:\d+ {2}5 bytes {2}"\\x1b\[2J\\\\"$/),
    ]);
    listen.kill('SIGINT');
    expect(await listen.exited).toBe(130);
    expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
  });

  it('prints with --decode whose contact is where, and its fields with --json', async () => {
    const service = await twoClusters();
    const lines = start(service, 'listen', 'ul', '--decode');
    await service.logLine({ msg: 'module registered' });
    const json = start(service, 'listen', 'ul', '-d', '--json');
    await service.logLine({ msg: 'module registered', number: 2 });
    const payload = capturedPayloads().find(({ module, packetType }) => module === 'ul' && packetType === 3)?.payload;
    const peer = await connectPeer(service);
    peer.write(packetBytes({ payload: payload ?? '' }));
    await lines.lines.first();
    peer.write(packetBytes({ payload: 'hello' }));
    expect(words(await lines.lines.first(2))).toEqual([
      expect.stringMatching(/^machine 2 {2}contact_insert {2}alice {2}sip:alice@127\.0\.0\.9:6000 {2}expire/),
      expect.stringMatching(/^machine 2 {2}ul {2}type 3 .* {2}"hello" {2}contact_insert: .* at byte \d+/),
    ]);
    const [contact, fault] = (await json.lines.first(2)).map((line) => JSON.parse(line).params);
    expect(contact.decoded).toMatchObject({ name: 'contact_insert', fields: { aor: 'alice', q: 0.7 } });
    expect(contact).not.toHaveProperty('decode_fault');
    expect(fault).toMatchObject({
      decoded: null,
      decode_fault: expect.stringMatching(/at byte \d+/),
      payload: 'aGVsbG8=',
    });
  });

  it('prints with --decode no field that the service redacts, and no payload with it', async () => {
    const service = await twoClusters({ CLUSTERER_REDACT: 'aor,contact,callid' });
    const lines = start(service, 'listen', 'ul', '--decode');
    await service.logLine({ msg: 'module registered' });
    const json = start(service, 'listen', 'ul', '-d', '--json');
    await service.logLine({ msg: 'module registered', number: 2 });
    const payload = capturedPayloads().find(({ module, packetType }) => module === 'ul' && packetType === 3)?.payload;
    const peer = await connectPeer(service);
    peer.write(packetBytes({ payload: payload ?? '' }));
    await lines.lines.first();
    peer.write(packetBytes({ payload: 'alice' }));
    expect(words(await lines.lines.first(2))).toEqual([
      expect.stringMatching(/^machine 2 {2}contact_insert {2}\(redacted\) {2}\(redacted\) {2}expire/),
      expect.stringMatching(/^machine 2 {2}ul {2}type 3 .* {2}\(redacted\) {2}contact_insert: .* at byte \d+/),
    ]);
    const [contact, fault] = (await json.lines.first(2)).map((line) => JSON.parse(line).params);
    expect(contact.decoded.fields).toMatchObject({ aor: '(redacted)', contact: '(redacted)', q: 0.7 });
    expect(fault).toMatchObject({ decoded: null, decode_fault: expect.any(String) });
    for (const params of [contact, fault]) expect(params).not.toHaveProperty('payload');
    expect(lines.stdout + json.stdout).not.toMatch(/alice|YWxpY2/);
  });

  it('says with --decode that the service decodes nothing, if it is so', async () => {
    const service = await twoClusters({ CLUSTERER_DECODE: 'off' });
    const listen = start(service, 'listen', 'ul', '--decode');
    expect(await listen.exited).toBe(2);
    expect(listen.stderr).toMatch(/^clusterer: Payloads are passed on as bytes only \(CLUSTERER_DECODE=off\)\. /);
    expect(listen.stdout).toBe('');
  });

  it('warns of a cluster that is not loaded, and not of one that is', async () => {
    const service = await twoClusters();
    const unknown = start(service, 'listen', 'ul', '--cluster', '77');
    await unknown.errors.first();
    const known = start(service, 'listen', 'ul', '--cluster', '1');
    await service.logLine({ msg: 'module registered', cluster_id: 1 });
    await service.logLine({ msg: 'module registered', cluster_id: 77 });
    expect(unknown.stderr).toBe('clusterer: Cluster 77 has no loaded row. Waiting for its machines.\n');
    expect(known.stderr).toBe('');
  });

  it('checks the senders of one cluster, unless --no-auth-check is set', async () => {
    const service = await twoClusters();
    const checked = start(service, 'listen', 'ul', '--cluster', '1', '--timeout', '0.5');
    await checked.lines.until((lines) => lines.find((line) => line.includes('machine 2  timeout  silent for 0.5')));
    const unchecked = start(service, 'listen', 'ul', '--cluster', '1', '--no-auth-check', '--json');
    await service.logLine({ msg: 'module registered', auth_check: false });
    const { body } = await service.request('GET', '/modules');
    expect(body.modules.map((one: { auth_check: boolean }) => one.auth_check)).toEqual([true, false]);
    (await connectPeer(service, '127.0.0.7')).write(packetBytes({ payload: 'hello' }));
    const [line = ''] = await unchecked.lines.first();
    expect(JSON.parse(line)).toEqual({
      method: 'packet',
      params: {
        seq: 1,
        cluster_id: 1,
        machine_id: 2,
        dialect: '2.2',
        module: 'ul',
        protocol: 'bin',
        packet_type: 3,
        version: 1,
        source: expect.stringMatching(/^127\.0\.0\.7:/),
        received_at: expect.any(Number),
        payload: 'aGVsbG8=',
      },
    });
    expect(checked.stdout).not.toContain('hello');
  });
});

describe('a pipe whose reader has closed it', () => {
  it('ends a list without an error', async () => {
    const list = start(await twoClusters(), 'list');
    list.closePipe();
    expect([await list.exited, list.stderr]).toEqual([0, '']);
  });

  it('ends a listen at the next line, and its registration', async () => {
    const service = await twoClusters();
    const listen = start(service, 'listen', 'ul');
    await service.logLine({ msg: 'module registered' });
    listen.closePipe();
    (await connectPeer(service)).write(packetBytes());
    expect([await listen.exited, listen.stderr]).toEqual([0, '']);
    expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
  });
});

describe('clusterer serve', () => {
  it('runs the service, with its variables and its exit codes', async () => {
    const env = {
      CLUSTERER_DB_URL: `file:${join(folder, 'clusterer.db')}`,
      CLUSTERER_HTTP_PORT: '0',
      CLUSTERER_BIN_PORT: '0',
      CLUSTERER_URL: 'http://127.0.0.1:8080',
      CLUSTERER_TOKEN: 'secret',
    };
    const serve = new CommandProcess(['serve'], { env });
    const { http } = JSON.parse(
      await serve.lines.until((lines) => lines.find((line) => line.includes('"msg":"listening"'))),
    );
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    serve.kill('SIGTERM');
    expect([await serve.exited, serve.stderr]).toEqual([0, '']);
    const faulty = new CommandProcess(['serve'], { env: { ...env, CLUSTERER_HTTP_PORT: 'x' } });
    expect([await faulty.exited, faulty.stderr]).toEqual([1, expect.stringContaining('CLUSTERER_HTTP_PORT')]);
  });
});
