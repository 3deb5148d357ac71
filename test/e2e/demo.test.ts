import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChangeEvent } from '../../src/client/exports.js';
import { CHANGES } from '../../src/schemas/changes.js';
import { REGISTRATION_NOTIFICATIONS } from '../../src/schemas/notifications.js';
import { databaseNamed } from '../integration/store-databases.js';
import { hasNats } from '../support/nats/nats-server.js';
import { closeClientsAfterEach, connectClient, Recorder, RecordingModule } from '../support/peers/client.js';

const ROOT = join(__dirname, '../..');

jest.setTimeout(60_000);
closeClientsAfterEach();

const folder = mkdtempSync(join(tmpdir(), 'clusterer-test-'));
const usualPort = createServer();
let demo: ChildProcess | undefined;
afterAll(async () => {
  demo?.kill('SIGTERM');
  usualPort.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What only clusters of dialect 2.4 report. */
const OF_FLEETS: readonly string[] = ['link', 'capability', 'topology', 'message', 'tag'];
const KINDS_OF_22 = Object.keys(CHANGES).filter((kind) => !OF_FLEETS.includes(kind));
const NOTIFICATIONS_OF_22 = Object.keys(REGISTRATION_NOTIFICATIONS).filter((kind) => !kind.startsWith('sync_'));

/** Runs the demo without its pauses. Returns the lines it prints. */
function runDemo(...more: readonly string[]): Recorder<string> {
  const child = spawn(process.execPath, ['docs/demo/start.mjs', '--quick', ...more], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = new Recorder<string>();
  createInterface(child.stdout).on('line', (line) => printed.add(line));
  demo = child;
  return printed;
}

/** Resolves with the match of the first line that matches. */
function shown(printed: Recorder<string>, line: RegExp): Promise<string> {
  return printed.until((lines) => lines.map((one) => line.exec(one)?.[1]).find((match) => match !== undefined));
}

/** `up → down (operator)`, with `drained` for a drain. */
function stateWords({ method, params }: ChangeEvent): string {
  if (method !== 'node_state') return '';
  return `${params.from} → ${params.to} (${params.cause})${'drain' in params.machine ? ' drained' : ''}`;
}

test('the demo shows every kind of event, and leaves no files behind', async () => {
  // If another process has the port, it is in use all the same.
  await once(
    usualPort.listen(8080, '127.0.0.1').on('error', () => usualPort.emit('listening')),
    'listening',
  );
  const printed = runDemo();
  await shown(printed, /^Port 8080 is in use, so the page is at (\d+)\.$/);
  const page = await shown(printed, /^ {4}(http:\S+)$/);
  expect(await (await fetch(page)).text()).toMatch(/<!doctype html>/i);

  const client = await connectClient(page);
  const changes = new Recorder<ChangeEvent>();
  await client.watch({}, { change: (change) => changes.add(change) });
  const module = new RecordingModule();
  await client.registerModule({ module: 'ul', timeout: 2, authCheck: true, clusterId: 1 }, module.handlers);

  for (const kind of KINDS_OF_22) await changes.until((all) => all.some(({ method }) => method === kind));
  for (const words of [
    'up → temp_disabled (send_failed)',
    'temp_disabled → up (duration_passed)',
    'up → down (operator)',
    'down → up (operator)',
    'up → down (operator) drained',
    'down → up (drain_end)',
  ])
    await changes.until((all) => all.some((change) => stateWords(change) === words));
  for (const to of ['disabled', 'receiving'])
    await changes.until((all) => all.some(({ method, params }) => method === 'reception' && params.to === to));
  for (const kind of NOTIFICATIONS_OF_22) await module.until((all) => all.some(({ name }) => name === kind));
  for (const words of [
    / (1 contact_update sip-1 sip:sip-1@192\.0\.2\.1)/,
    / (2) said nothing for 2/,
    / (2) said 1 packets too many/,
    / (2) is listened to again/,
  ])
    await shown(printed, words);

  const ended = demo === undefined ? [] : once(demo, 'exit');
  demo?.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(readdirSync(folder)).toEqual([]);
  await expect(fetch(page)).rejects.toThrow('fetch failed');
});

test('the demo of a fleet shows a sync, a machine that dies and comes back, and a packet that the service carries', async () => {
  const printed = runDemo('--fleet');
  for (const words of [
    /link +(machine 3 of cluster 1: probing → up)/,
    /capability +(usrloc-contact-repl of machine 1: synced)/,
    /the module gets (type 1 of machine 1 \(sync\))/,
    /node_state +(sip-3 .*: up → temp_disabled \(ping_failed\))/,
    /node_state +(sip-3 .*: temp_disabled → up \(link_up\))/,
    /(machine 2 has the packet of machine 1)/,
    /(the demo starts over)/,
  ])
    await shown(printed, words);
  const ended = demo === undefined ? [] : once(demo, 'exit');
  demo?.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(readdirSync(folder)).toEqual([]);
});

/** As the demo finds them. */
const hasReplicas = databaseNamed('PostgreSQL').reachable && hasNats;

(hasReplicas || process.env.CI === 'true' ? test : test.skip)(
  'the demo of replicas kills the leader twice, and its module misses nothing',
  async () => {
    const printed = runDemo('--replicas', '3');
    for (const words of [
      /(3 replicas share a log on NATS and a database; hub-\d leads)/,
      /(hub-2 +has it after \d+ ms)/,
      /(module ul +has resumed at hub-\d after \d+ ms: packet \d+, 0 missing)/,
      /(hub-\d +leads after \d+ ms)/,
      /(hub-\d +takes a packet for the cluster, and hub-\d sends it to sip-1)/,
      /(hub-\d starts again: it reads a snapshot and the log)/,
      /(the demo starts over)/,
    ])
      await shown(printed, words);
    await printed.until((lines) => lines.filter((line) => / leads after /.test(line)).length === 2 || undefined);
    const ended = demo === undefined ? [] : once(demo, 'exit');
    demo?.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(readdirSync(folder)).toEqual([]);
  },
);
