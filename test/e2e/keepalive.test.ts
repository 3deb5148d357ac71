import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Recorded, startPeer } from '../integration/bin-peers.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { closeClientsAfterEach, connectClient, RecordingModule } from '../support/peers/client.js';
import { frameParser, headOf } from '../support/peers/runs.js';
import { CommandRun, endCommandsAfterEach } from '../support/service/command-line.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
closeClientsAfterEach();
endCommandsAfterEach();

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const RATELIMIT = { module: 'ratelimit', protocol: 'bin', timeout: 0, auth_check: true, cluster_id: 1 };
const EMPTY = 'ratelimit type 0 version 1 from 9, 0 bytes';

/** A service with server id 9 and a fake clock, and machine 2 with the packets that it gets. */
async function start(environment: Readonly<Record<string, string>> = {}) {
  const arrived = new Recorded<string>();
  const sockets: Socket[] = [];
  const { server, port } = await startPeer('127.0.0.1', (socket) => {
    sockets.push(socket);
    const parser = frameParser((frame) => {
      const { module, packetType, version, machineId, payloadOffset, payloadEnd } = headOf(frame);
      const bytes = payloadEnd - payloadOffset;
      arrived.add(`${module} type ${packetType} version ${version} from ${machineId}, ${bytes} bytes`);
    });
    socket.on('data', (chunk) => parser.push(chunk));
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const clock = new FakeClock();
  const service = await startService({ CLUSTERER_SERVER_ID: '9', ...environment }, { clock });
  await service.provision(1, 9, 'bin:127.0.0.1:5555');
  await service.provision(1, 2, `bin:127.0.0.1:${port}`);
  return { service, clock, arrived };
}

describe('a registration with keepalive_seconds', () => {
  it('sends an empty packet of its module to the cluster at once and at that interval', async () => {
    const { service, clock, arrived } = await start();
    const client = await service.socket();
    await client.call('register_module', { ...RATELIMIT, keepalive_seconds: 2.5 });
    for (let packets = 1; packets <= 4; packets++) {
      expect(await arrived.atLeast(packets)).toEqual(Array(packets).fill(EMPTY));
      clock.advance(2_499);
      await service.request('GET', '/healthz');
      expect(arrived.items).toHaveLength(packets);
      clock.advance(1);
    }
  });

  it('sends nothing without a socket, and continues after a resume with the same interval', async () => {
    const { service, clock, arrived } = await start({ CLUSTERER_REPLAY_SECONDS: '60' });
    const client = await service.socket();
    const request = { ...RATELIMIT, keepalive_seconds: 5 };
    const { registration, epoch } = await client.call('register_module', request);
    await arrived.atLeast(1);
    const closed = once(client.socket, 'close');
    client.socket.terminate();
    await closed;
    let modules = [{ connected: true }];
    while (modules[0]?.connected) ({ modules } = (await service.request('GET', '/modules')).body);
    clock.advance(20_000);
    await service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 3 });
    expect(await arrived.atLeast(2)).toEqual([EMPTY, 'ul type 3 version 1 from 9, 0 bytes']);

    const again = await service.socket();
    const resume = { registration, epoch, seq: 0 };
    expect(await again.call('register_module', { ...RATELIMIT, resume })).toMatchObject({ reason: 'mismatch' });
    expect(await again.call('register_module', { ...request, resume })).toMatchObject({ resumed: true });
    expect((await arrived.atLeast(3)).at(-1)).toBe(EMPTY);
    clock.advance(5_000);
    await arrived.atLeast(4);
    await again.call('unregister_module', { registration });
    clock.advance(20_000);
    await service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 3 });
    expect((await arrived.atLeast(5)).at(-1)).toContain('ul');
  });

  it('counts a failed attempt of a machine that cannot be reached, as for any packet', async () => {
    const { service } = await start();
    await service.provision(1, 3, 'bin:127.0.0.1:1', { failed_attempts: 1 });
    const client = await service.socket();
    await client.call('register_module', { ...RATELIMIT, keepalive_seconds: 5 });
    await service.logLine({ machine_id: 3, to: 'temp_disabled', cause: 'send_failed' });
  });

  it.each([
    [{ keepalive_seconds: 0.04 }, '/keepalive_seconds'],
    [{ keepalive_seconds: -1 }, '/keepalive_seconds'],
    [{ keepalive_seconds: '5' }, '/keepalive_seconds'],
    [{ keepalive_seconds: 2_147_484 }, '/keepalive_seconds'],
    [{ keepalive_seconds: 5, cluster_id: 0, auth_check: false }, '/keepalive_seconds'],
    [{ keepalive_seconds: 5, module: '\ufffd' }, '/module'],
  ])('is refused with %j', async (wrong, pointer) => {
    const { service } = await start();
    const client = await service.socket();
    const refused = client.call('register_module', { ...RATELIMIT, ...wrong });
    await expect(refused).rejects.toMatchObject({ data: { errors: [{ pointer }] } });
    expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
  });
});

it('is an option of the client', async () => {
  const { service, arrived } = await start();
  const client = await connectClient(service.httpUrl);
  const asked = { module: 'ratelimit', timeout: 0, authCheck: true, clusterId: 1, keepalive: 5 };
  await client.registerModule(asked, new RecordingModule().handlers);
  expect(await arrived.atLeast(1)).toEqual([EMPTY]);
});

it('is an option of clusterer listen', async () => {
  const { service, arrived } = await start();
  new CommandRun(['--url', service.httpUrl, 'listen', 'ratelimit', '--cluster', '1', '--keepalive', '5']);
  expect(await arrived.atLeast(1)).toEqual([EMPTY]);
});
