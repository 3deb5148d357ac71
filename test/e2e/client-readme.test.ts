import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PayloadWriter } from '../../src/wire/payload.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { Recorder } from '../support/peers/client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, MODULE = ''] = /^```js module\n(.*?)^```$/ms.exec(README) ?? [];
/** What the tour sends. */
const [, PAYLOAD = ''] = /^npx clusterer send .*--base64 (\S+)$/m.exec(README) ?? [];

jest.setTimeout(30_000);
stopServicesAfterEach();
disconnectPeersAfterEach();

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
});

/** Runs the module of the README in the folder of this package, with a shorter time-out. Returns the lines it prints. */
function run(url: string): Recorder<string> {
  const lines = MODULE.replace('timeout: 2,', 'timeout: 1,');
  child = spawn(process.execPath, ['--input-type=module', '--eval', lines], {
    cwd: ROOT,
    env: { ...process.env, SERVICE: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = new Recorder<string>();
  for (const output of [child.stdout, child.stderr]) {
    if (output !== null) createInterface(output).on('line', (line) => printed.add(line));
  }
  return printed;
}

test('the README’s module has ten lines and works, even after a restart of the service', async () => {
  expect(MODULE.split('\n').filter((line) => line !== '')).toHaveLength(10);
  expect(MODULE).toBe(readFileSync(join(ROOT, 'docs/demo/module.mjs'), 'utf8'));
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const printed = run(service.httpUrl);
  await service.logLine({ msg: 'module registered' });
  const packet = packetBytes({ payload: new PayloadWriter().writeString('location').payload() });
  const peer = await connectPeer(service);
  peer.write(packet);
  expect(await printed.first()).toEqual(['2 says location']);
  await printed.until((lines) => lines.some((line) => /^2 said nothing for 1(\.\d+)? seconds$/.test(line)));
  peer.write(packet);
  await printed.until((lines) => lines.includes('2 said 1 packets too many'));
  await printed.until((lines) => lines.includes('2 is listened to again'));
  const { port } = new URL(service.httpUrl);
  await service.stop();
  await service.start({ CLUSTERER_HTTP_PORT: port });
  await printed.until((lines) => lines.includes('something is lost: epoch'));
  const ended = child === undefined ? [] : once(child, 'exit');
  child?.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
});

test('the README’s module reads the README’s packet, and goes on after an invalid one', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const printed = run(service.httpUrl);
  await service.logLine({ msg: 'module registered' });
  const peer = await connectPeer(service);
  peer.write(packetBytes({ payload: 'hello' }));
  await printed.until((lines) => lines.find((line) => line.includes('RangeError: the payload ends at byte 5')));
  peer.write(packetBytes({ payload: Buffer.from(PAYLOAD, 'base64') }));
  await printed.until((lines) => lines.includes('2 says hello'));
  expect(child?.exitCode).toBeNull();
});
