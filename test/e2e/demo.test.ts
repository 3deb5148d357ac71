import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChangeEvent } from '../../src/client/exports.js';
import { CHANGES } from '../../src/schemas/changes.js';
import { FLEET_CHANGES } from '../../src/schemas/fleet.js';
import { REGISTRATION_NOTIFICATIONS } from '../../src/schemas/notifications.js';
import { closeClientsAfterEach, connectClient, Recorder, RecordingModule } from '../support/peers/client.js';

const ROOT = join(__dirname, '../..');

jest.setTimeout(60_000);
closeClientsAfterEach();

/** Only clusters of dialect 2.4 have these. */
const OF_FLEETS = [...Object.keys(FLEET_CHANGES), 'sync_started', 'sync_ended'];
const isOf22 = (kind: string) => !OF_FLEETS.includes(kind);

const folder = mkdtempSync(join(tmpdir(), 'clusterer-test-'));
const usualPort = createServer();
let demo: ChildProcess | undefined;
afterAll(async () => {
  demo?.kill('SIGTERM');
  usualPort.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the demo without its pauses. Returns the lines it prints. */
function runDemo(...options: string[]): Recorder<string> {
  const child = spawn(process.execPath, ['docs/demo/start.mjs', '--quick', ...options], {
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

test('the demo shows every kind of event of OpenSIPS 2.2, and leaves no files behind', async () => {
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

  for (const kind of Object.keys(CHANGES).filter(isOf22))
    await changes.until((all) => all.some(({ method }) => method === kind));
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
  for (const kind of Object.keys(REGISTRATION_NOTIFICATIONS).filter(isOf22))
    await module.until((all) => all.some(({ name }) => name === kind));
  for (const words of [/ (2) said nothing for 2/, / (2) said 1 packets too many/, / (2) is listened to again/])
    await shown(printed, words);

  const ended = demo === undefined ? [] : once(demo, 'exit');
  demo?.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(readdirSync(folder)).toEqual([]);
  await expect(fetch(page)).rejects.toThrow('fetch failed');
});

test('the demo of a fleet comes to its end, and starts over', async () => {
  const printed = runDemo('--fleet');
  for (const words of [/ \(sync\)$/, /temp_disabled → up \(link_up\)/, /machine 2 has the packet of machine 1$/])
    await printed.until((lines) => lines.some((line) => words.test(line)));
  await printed.until((lines) => lines.filter((line) => / a module registers for contacts /.test(line)).length === 2);
  const ended = demo === undefined ? [] : once(demo, 'exit');
  demo?.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});
