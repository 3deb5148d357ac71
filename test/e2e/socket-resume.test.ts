import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { FakeClock } from '../support/engine/fake-clock.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { eventually } from '../support/service/eventually.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
const TEXT = ['clusterer.v1'];
const BIN = ['clusterer.v1.bin'];

interface Registered {
  readonly registration: string;
  readonly number: number;
  readonly epoch: string;
}

const resumeAt = ({ registration, epoch }: Registered, seq: number) => ({ resume: { registration, epoch, seq } });

/** Cuts the connection without a close frame, and waits until the service has noticed. */
async function cut(service: TestService, client: SocketClient, { number }: Registered): Promise<void> {
  client.socket.terminate();
  for (;;) {
    const { modules } = (await service.request('GET', '/modules')).body;
    const module = modules.find((one: { number: number }) => one.number === number);
    if (module === undefined || !module.connected) return;
  }
}

/** Sends packets and waits until all of them have been counted. */
async function feed(service: TestService, peer: Socket, packets: number): Promise<void> {
  const before = await packetsOf(service);
  peer.write(Buffer.concat(Array.from({ length: packets }, () => packetBytes())));
  await eventually(async () => (await packetsOf(service)) >= before + packets);
}

async function packetsOf(service: TestService): Promise<number> {
  return (await service.request('GET', '/modules')).body.modules[0].packets;
}

const packets = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ['packet', from + i] as [string, number]);

describe('a registration whose connection was cut', () => {
  it.each([
    ['clusterer.v1', 'clusterer.v1', TEXT, TEXT],
    ['clusterer.v1', 'clusterer.v1.bin', TEXT, BIN],
    ['clusterer.v1.bin', 'clusterer.v1', BIN, TEXT],
    ['clusterer.v1.bin', 'clusterer.v1.bin', BIN, BIN],
  ])(
    'on %s is resumed on %s: the answer comes first, then all that followed, in order',
    async (_, __, before, after) => {
      const service = await startService();
      const client = await service.socket(before);
      const ul = await client.call('register_module', UL);
      const peer = await connectPeer(service);
      await feed(service, peer, 5);
      await client.until(() => client.received(ul).length === 5);
      await cut(service, client, ul);
      expect((await service.request('GET', '/modules')).body.modules).toMatchObject([{ number: 1, connected: false }]);
      await feed(service, peer, 3);

      const back = await service.socket(after);
      // The client has lost what came after 2, which is in the middle of a run.
      const answer = await back.call('register_module', { ...UL, ...resumeAt(ul, 2) });
      expect(answer).toEqual({ ...ul, seq: 2, resumed: true, missed: 6 });
      await feed(service, peer, 1);
      await back.until(() => back.received(ul).length === 7);
      expect(back.received(ul)).toEqual(packets(3, 9));
      expect(back.frames[1]).toMatchObject({ result: { resumed: true } });
      expect((await service.request('GET', '/modules')).body.modules).toMatchObject([{ number: 1, connected: true }]);
    },
  );

  it('still monitors machines: the timeouts and ups of the grace period are sent on resume', async () => {
    const clock = new FakeClock();
    const service = await startService({}, { clock });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await service.socket();
    const ul = await client.call('register_module', { ...UL, timeout: 1 });
    await cut(service, client, ul);
    clock.advance(1001);
    await feedDropped(service);
    clock.advance(2000);
    clock.advance(1001);
    const back = await service.socket();
    expect(await back.call('register_module', { ...UL, timeout: 1, ...resumeAt(ul, 0) })).toMatchObject({
      missed: 4,
      machines: [{ machine_id: 2, reception: 'disabled' }],
    });
    await back.first('timeout', 2);
    expect(back.received(ul)).toEqual([
      ['timeout', 1],
      ['temp_disabled', 2],
      ['up', 3],
      ['timeout', 4],
    ]);
  });

  it('can be resumed repeatedly, and everything is sent again each time', async () => {
    const service = await startService();
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    await feed(service, await connectPeer(service), 3);
    for (let time = 1; time <= 3; time++) {
      const back = await service.socket(BIN);
      await back.call('register_module', { ...UL, ...resumeAt(ul, 0) });
      await back.until(() => back.received(ul).length === 3);
      expect(back.received(ul)).toEqual(packets(1, 3));
    }
  });

  it('ends after the grace period, and not before', async () => {
    const clock = new FakeClock();
    const service = await startService({ CLUSTERER_REPLAY_SECONDS: '5' }, { clock });
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    await cut(service, client, ul);
    clock.advance(4999);
    const back = await service.socket();
    expect(await back.call('register_module', { ...UL, ...resumeAt(ul, 0) })).toMatchObject({ resumed: true });
    clock.advance(60_000);
    await cut(service, back, ul);
    clock.advance(4999);
    expect((await service.request('GET', '/modules')).body.modules).toHaveLength(1);
    clock.advance(1);
    expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
  });
});

/** Sends a packet of a machine that is disabled. */
async function feedDropped(service: TestService): Promise<void> {
  (await connectPeer(service)).write(packetBytes());
  await eventually(async () => (await service.request('GET', '/modules')).body.modules[0].dropped > 0);
}

describe('a resume', () => {
  it('closes the socket that still carries the registration with 4001; its other registrations stay in force', async () => {
    const service = await startService();
    const [old, back] = [await service.socket(), await service.socket()];
    const ul = await old.call('register_module', UL);
    const dialog = await old.call('register_module', { ...UL, module: 'dialog' });
    await back.call('register_module', { ...UL, ...resumeAt(ul, 0) });
    expect(await old.closed).toEqual({
      code: 4001,
      reason: 'another socket has resumed a registration of this one',
    });
    const { modules } = (await service.request('GET', '/modules')).body;
    expect(modules.map((one: { connected: boolean }) => one.connected)).toEqual([true, false]);
    const peer = await connectPeer(service);
    peer.write(packetBytes({ module: 'dialog' }));
    expect(await back.call('register_module', { ...UL, module: 'dialog', ...resumeAt(dialog, 0) })).toMatchObject({
      number: 2,
      resumed: true,
    });
    peer.write(packetBytes());
    await back.until(() => back.received(ul).length === 1 && back.received(dialog).length === 1);
  });

  it('by the socket that carries the registration only sends notifications again', async () => {
    const service = await startService();
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    await feed(service, await connectPeer(service), 2);
    await client.until(() => client.received(ul).length === 2);
    expect(await client.call('register_module', { ...UL, ...resumeAt(ul, 1) })).toMatchObject({ missed: 1 });
    await client.until(() => client.received(ul).length === 3);
    expect(client.received(ul)).toEqual([...packets(1, 2), ['packet', 2]]);
    expect(await client.call('ping')).toBe('pong');
    await client.close();
    await service.logLine({ msg: 'module unregistered', number: 1 });
  });

  /** A registration that got two packets and lost its connection. */
  async function lost(environment = {}, clock?: FakeClock) {
    const service = await startService(environment, clock && { clock });
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    const peer = await connectPeer(service);
    await feed(service, peer, 2);
    await cut(service, client, ul);
    return { service, ul: ul as Registered, peer };
  }

  /** Checks that a refused resume makes a new registration that works; returns why it was refused. */
  async function refused(service: TestService, params: object, headers = {}) {
    const back = await service.socket(TEXT, headers);
    const { registration, number, epoch, seq, machines, ...refusal } = await back.call('register_module', params);
    expect([seq, machines]).toEqual([0, []]);
    const peer = await connectPeer(service);
    peer.write(packetBytes());
    await back.until(() => back.received({ registration, number }).length === 1);
    return refusal;
  }

  it('after a restart is refused for its epoch', async () => {
    const { service, ul } = await lost();
    await service.stop();
    await service.start();
    const refusal = { resumed: false, reason: 'epoch', missed: null };
    expect(await refused(service, { ...UL, ...resumeAt(ul, 2) })).toEqual(refusal);
  });

  it('after the grace period is refused as expired', async () => {
    const clock = new FakeClock();
    const { service, ul } = await lost({}, clock);
    clock.advance(30_000);
    const refusal = { resumed: false, reason: 'expired', missed: null };
    expect(await refused(service, { ...UL, ...resumeAt(ul, 2) })).toEqual(refusal);
  });

  it('is refused as expired when nothing is kept', async () => {
    const { service, ul } = await lost({ CLUSTERER_REPLAY_SECONDS: '0' });
    const refusal = { resumed: false, reason: 'expired', missed: null };
    expect(await refused(service, { ...UL, ...resumeAt(ul, 2) })).toEqual(refusal);
  });

  it('of an unknown registration is refused as unknown', async () => {
    const { service, ul } = await lost();
    const refusal = { resumed: false, reason: 'unknown', missed: null };
    expect(await refused(service, { ...UL, ...resumeAt({ ...ul, registration: 'x' }, 2) })).toEqual(refusal);
  });

  it.each([
    ['closed with 1000', (client: SocketClient) => client.close()],
    [
      'unregistered',
      (client: SocketClient, registration: string) => client.call('unregister_module', { registration }),
    ],
  ])('of a registration whose client has %s is refused as unknown', async (_, end) => {
    const service = await startService();
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    await end(client, ul.registration);
    await service.logLine({ msg: 'module unregistered', number: 1 });
    const refusal = { resumed: false, reason: 'unknown', missed: null };
    expect(await refused(service, { ...UL, ...resumeAt(ul, 0) })).toEqual(refusal);
  });

  it.each([
    ['another time-out', { ...UL, timeout: 1 }, 2],
    ['another cluster', { ...UL, cluster_id: 2 }, 2],
    ['auth_check', { ...UL, cluster_id: 1, auth_check: true }, 2],
    ['a seq that was never sent', UL, 3],
  ])('with %s is refused as a mismatch, and the registration stays in force', async (_, params, seq) => {
    const { service, ul } = await lost();
    const back = await service.socket();
    const refusal = { seq: 0, number: 2, resumed: false, reason: 'mismatch', missed: null };
    expect(await back.call('register_module', { ...params, ...resumeAt(ul, seq) })).toMatchObject(refusal);
    expect(await back.call('register_module', { ...UL, ...resumeAt(ul, 2) })).toMatchObject({ resumed: true });
  });

  it('is refused as an overflow if more came than is kept, and says how much is lost', async () => {
    const { service, ul, peer } = await lost({ CLUSTERER_REPLAY_BYTES: '2000' });
    for (let i = 0; i < 20; i++) await feed(service, peer, 1);
    const refusal = { resumed: false, reason: 'overflow', missed: 20 };
    expect(await refused(service, { ...UL, ...resumeAt(ul, 2) })).toEqual(refusal);
    const { modules } = (await service.request('GET', '/modules')).body;
    expect(modules.map((one: { number: number }) => one.number)).toEqual([2]);
  });

  it('succeeds if no more came than is kept', async () => {
    const { service, ul, peer } = await lost({ CLUSTERER_REPLAY_BYTES: '2000' });
    for (let i = 0; i < 5; i++) await feed(service, peer, 1);
    const back = await service.socket();
    expect(await back.call('register_module', { ...UL, ...resumeAt(ul, 2) })).toMatchObject({ missed: 5 });
    await back.until(() => back.received(ul).length === 5);
  });

  it('fails for the registration that keeps most when all together keep too much', async () => {
    const service = await startService({ CLUSTERER_REPLAY_TOTAL_BYTES: '20000' });
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    const dialog = await client.call('register_module', { ...UL, module: 'dialog' });
    await cut(service, client, ul);
    const peer = await connectPeer(service);
    peer.write(packetBytes({ module: 'dialog' }));
    for (let i = 0; i < 100; i++) await feed(service, peer, 1);
    const back = await service.socket();
    expect(await back.call('register_module', { ...UL, ...resumeAt(ul, 0) })).toMatchObject({
      reason: 'overflow',
      missed: 100,
    });
    expect(await back.call('register_module', { ...UL, module: 'dialog', ...resumeAt(dialog, 0) })).toMatchObject({
      resumed: true,
      missed: 1,
    });
  });

  it('succeeds for sent notifications for as long as they are kept', async () => {
    const clock = new FakeClock();
    const service = await startService({ CLUSTERER_REPLAY_SECONDS: '10' }, { clock });
    const client = await service.socket();
    const ul = await client.call('register_module', UL);
    const peer = await connectPeer(service);
    await feed(service, peer, 1);
    await client.until(() => client.received(ul).length === 1);
    clock.advance(9_000);
    expect(await client.call('register_module', { ...UL, ...resumeAt(ul, 0) })).toMatchObject({ resumed: true });
    await client.until(() => client.received(ul).length === 2);
    clock.advance(6_000);
    expect(await client.call('register_module', { ...UL, ...resumeAt(ul, 0) })).toMatchObject({ reason: 'overflow' });
  });

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const TOKENS = `mine:module:${sha256('mine')},other:operate:${sha256('other')},eye:read:${sha256('eye')}`;

  it('requires the token that registered; others do not learn that the registration exists', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const client = await service.socket(TEXT, bearer('mine'));
    const ul = await client.call('register_module', UL);
    const resume = { ...UL, ...resumeAt(ul, 0) };

    const eye = await service.socket(TEXT, bearer('eye'));
    await expect(eye.call('register_module', resume)).rejects.toMatchObject({ code: 403 });
    const other = await service.socket(TEXT, bearer('other'));
    expect(await other.call('register_module', resume)).toMatchObject({ resumed: false, reason: 'unknown', number: 2 });
    expect(await client.call('ping')).toBe('pong');

    const mine = await service.socket(TEXT, bearer('mine'));
    expect(await mine.call('register_module', resume)).toMatchObject({ resumed: true, number: 1 });
    expect((await client.closed).code).toBe(4001);
  });
});

test('the public list and the log never contain the secret of a registration', async () => {
  const service = await startService();
  const client = await service.socket();
  const ul = await client.call('register_module', UL);
  expect((await service.request('GET', '/modules')).text).not.toContain(ul.registration);
  await cut(service, client, ul);
  expect((await service.request('GET', '/modules')).text).not.toContain(ul.registration);
  expect(JSON.stringify(service.logLines)).not.toContain(ul.registration);
});
