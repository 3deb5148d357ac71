import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capturedPayloads } from '../fixtures/payloads.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { endProgramsAfterEach, programOf, type RunningProgram, runProgram } from '../support/peers/document-program.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

const ROOT = join(__dirname, '../..');
const MODULE = programOf('README.md', 'module');
/** `aor_insert` of alice in the domain location, as the tour sends it. */
const AOR_INSERT = { packetType: 1, payload: Buffer.from('CAAAAGxvY2F0aW9uBQAAAGFsaWNl', 'base64') };

jest.setTimeout(30_000);
endProgramsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();

/** Runs the module of the README with a shorter time-out. */
function run(url: string): RunningProgram {
  return runProgram(MODULE.replace('timeout: 2,', 'timeout: 1,'), url);
}

test('the README’s module has ten lines and works, even after a restart of the service', async () => {
  expect(MODULE.split('\n').filter((line) => line !== '')).toHaveLength(10);
  expect(MODULE).toBe(readFileSync(join(ROOT, 'docs/demo/module.mjs'), 'utf8'));
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const { printed, child } = run(service.httpUrl);
  await service.logLine({ msg: 'module registered' });
  const contact = capturedPayloads().find(({ module, packetType }) => module === 'ul' && packetType === 3);
  const packet = packetBytes({ packetType: 3, payload: contact?.payload ?? '' });
  const peer = await connectPeer(service);
  peer.write(packet);
  expect(await printed.first()).toEqual(['2 contact_insert alice sip:alice@127.0.0.9:6000']);
  await printed.until((lines) => lines.some((line) => /^2 said nothing for 1(\.\d+)? seconds$/.test(line)));
  peer.write(packet);
  await printed.until((lines) => lines.includes('2 said 1 packets too many'));
  await printed.until((lines) => lines.includes('2 is listened to again'));
  const { port } = new URL(service.httpUrl);
  await service.stop();
  await service.start({ CLUSTERER_HTTP_PORT: port });
  await printed.until((lines) => lines.includes('something is lost: epoch'));
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
});

test('the README’s module reads the README’s packet, and goes on after an invalid one', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const { printed, child } = run(service.httpUrl);
  await service.logLine({ msg: 'module registered' });
  const peer = await connectPeer(service);
  peer.write(packetBytes({ payload: 'hello' }));
  await printed.until((lines) => lines.find((line) => /^2 contact_insert: .* at byte \d+/.test(line)));
  peer.write(packetBytes(AOR_INSERT));
  await printed.until((lines) => lines.includes('2 aor_insert alice '));
  expect(child.exitCode).toBeNull();
});
