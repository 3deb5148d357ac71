import { connect } from '../../src/client/node.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { Cable } from '../support/peers/cable.js';
import {
  closeClientsAfterEach,
  connectClient,
  keepClient,
  Recorder,
  RecordingModule,
} from '../support/peers/client.js';
import {
  answerRequests,
  notify,
  stopStrangeServicesAfterEach,
  strangeService,
  welcome,
} from '../support/peers/strange-service.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

jest.setTimeout(30_000);
closeClientsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();
stopStrangeServicesAfterEach();

const UL = { module: 'ul', timeout: 0, authCheck: false, clusterId: 0 };
const SUBPROTOCOLS = ['clusterer.v1', 'clusterer.v1.bin'] as const;

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

const cables: Cable[] = [];
afterEach(() => Promise.all(cables.splice(0).map((cable) => cable.cut())));

/** A module whose connection the test can cut. */
async function moduleBehindCable(service: TestService, subprotocol: (typeof SUBPROTOCOLS)[number] = 'clusterer.v1') {
  const cable = new Cable(service.httpUrl);
  cables.push(cable);
  const connections = new Recorder<boolean>();
  const errors = new Recorder<unknown>();
  const client = await connectClient(await cable.join(), {
    subprotocol,
    onConnection: (connected) => connections.add(connected),
    onError: (error) => errors.add(error),
  });
  const module = new RecordingModule();
  const registration = await client.registerModule(UL, module.handlers);
  return { cable, client, module, registration, connections, errors };
}

/** Sends this many packets; resolves when the registration has them. */
async function feed(service: TestService, count: number, from = 0): Promise<void> {
  const peer = await connectPeer(service);
  for (let i = 0; i < count; i++) peer.write(packetBytes());
  for (;;) {
    const { modules } = (await service.request('GET', '/modules')).body;
    if (modules[0]?.packets >= from + count) return;
  }
}

describe.each(SUBPROTOCOLS)('a module on %s whose connection is lost', (subprotocol) => {
  it('reconnects by itself and gets what it missed, once and in order', async () => {
    const service = await startService();
    const { cable, module, registration, connections } = await moduleBehindCable(service, subprotocol);
    await feed(service, 3);
    await module.untilPackets(3);
    await cable.cut();
    await feed(service, 3, 3);
    await cable.join();
    await module.untilPackets(6);
    await feed(service, 3, 6);
    await module.untilPackets(9);
    expect(module.seqs).toEqual(upTo(9));
    expect(registration.number).toBe(1);
    expect(connections.all).toEqual([true, false, true]);
  });

  it('gets a gap after a restart of the service, and goes on', async () => {
    const service = await startService();
    const { module, registration } = await moduleBehindCable(service, subprotocol);
    await feed(service, 2);
    await module.untilPackets(2);
    const ports = { CLUSTERER_HTTP_PORT: new URL(service.httpUrl).port };
    await service.stop();
    await service.start(ports);
    await module.until(() => module.gaps.length === 1);
    await feed(service, 2);
    await module.untilPackets(4);
    expect(module.gaps).toEqual([{ reason: 'epoch', missed: null }]);
    expect(module.all.map(({ name, seq }) => [name, seq])).toEqual([
      ['packet', 1],
      ['packet', 2],
      ['gap', undefined],
      ['packet', 1],
      ['packet', 2],
    ]);
    expect(registration.number).toBe(1);
  });

  it('gets a gap with the number of lost notifications if more came than is kept', async () => {
    const service = await startService({ CLUSTERER_REPLAY_BYTES: '2000' });
    const { cable, module, registration } = await moduleBehindCable(service, subprotocol);
    await feed(service, 1);
    await module.untilPackets(1);
    await cable.cut();
    await service.logLine({ msg: 'module registered' });
    const peer = await connectPeer(service);
    for (let i = 0; i < 20; i++) peer.write(packetBytes({ payload: Buffer.alloc(500) }));
    await feed(service, 1, 21);
    await cable.join();
    await module.until(() => module.gaps.length === 1);
    expect(module.gaps).toEqual([{ reason: 'overflow', missed: 21 }]);
    await feed(service, 1);
    await module.untilPackets(2);
    expect(module.seqs).toEqual([1, 1]);
    expect(registration.number).toBe(2);
  });
});

describe('a client whose connection is lost', () => {
  it('rejects calls without an answer and calls without a connection, and does not repeat them', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const { cable, client, connections } = await moduleBehindCable(service);
    cable.freeze();
    const call = client.setState({ clusterId: 1, machineId: 2, state: 'down' });
    const [refused] = await Promise.allSettled([call, cable.cut()]);
    expect(refused).toMatchObject({ reason: { code: 'connection_lost', status: null } });
    expect(client.welcome).toBeNull();
    await expect(client.setState({ clusterId: 1, machineId: 2, state: 'down' })).rejects.toMatchObject({
      code: 'not_connected',
    });
    await expect(client.registerModule(UL, {})).rejects.toMatchObject({ code: 'not_connected' });
    await cable.join();
    await connections.first(3);
    expect(await client.listNodes()).toMatchObject({ nodes: [{ state: 'up' }] });
    expect((await service.request('GET', '/modules')).body.modules).toHaveLength(1);
  });

  it('does not restore a registration that was ended meanwhile', async () => {
    const service = await startService();
    const { cable, module, registration, connections } = await moduleBehindCable(service);
    await cable.cut();
    await registration.unregister();
    await cable.join();
    await connections.first(3);
    await feed(service, 1);
    await service.logLine({ msg: 'module registered' });
    expect(module.all).toEqual([]);
    expect((await service.request('GET', '/modules')).body.modules).toMatchObject([{ connected: false }]);
  });

  it('may be closed without a connection', async () => {
    const service = await startService();
    const { cable, client } = await moduleBehindCable(service);
    await cable.cut();
    await client.close();
    await client.closed;
  });

  it('detects a dead connection', async () => {
    const service = await startService({ CLUSTERER_WS_HEARTBEAT_SECONDS: '1', CLUSTERER_WS_PONG_TIMEOUT_SECONDS: '1' });
    const { cable, connections, module } = await moduleBehindCable(service);
    cable.freeze();
    await connections.first(2);
    await cable.cut();
    await cable.join();
    await connections.first(3);
    await feed(service, 2);
    await module.untilPackets(2);
    expect(module.seqs).toEqual([1, 2]);
  });

  it('reports a registration that the service refuses after a reconnect, and goes on', async () => {
    const service = await startService();
    const { client, connections, errors } = await moduleBehindCable(service);
    const other = new RecordingModule();
    await client.registerModule({ ...UL, module: 'dialog' }, other.handlers);
    const ports = { CLUSTERER_HTTP_PORT: new URL(service.httpUrl).port };
    await service.stop();
    await service.start({ ...ports, CLUSTERER_WS_MAX_REGISTRATIONS: '1' });
    await connections.first(3);
    expect(await errors.first()).toMatchObject([{ code: 'too_many_registrations', status: 429 }]);
    expect(await client.listNodes()).toMatchObject({ nodes: [] });
  });
});

describe('a service that rejects a client', () => {
  it('for its token, after a reconnect, ends it for good', async () => {
    const service = await startService();
    const { client } = await moduleBehindCable(service);
    const ended = expect(client.closed).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
    const { port } = new URL(service.httpUrl);
    await service.stop();
    await service.start({ CLUSTERER_HTTP_PORT: port, CLUSTERER_TOKENS: `other:read:${'a'.repeat(64)}` });
    await ended;
    await expect(client.listNodes()).rejects.toMatchObject({ code: 'closed' });
    await client.close();
  });

  it.each([
    [4500, 'token_withdrawn'],
    [4501, 'protocol_error'],
  ])('with %d ends it for good', async (code, error) => {
    const url = await strangeService((socket) => {
      welcome(socket);
      socket.close(code);
    });
    const client = await connectClient(url);
    await expect(client.closed).rejects.toMatchObject({ code: error });
  });

  it.each([1001, 1009, 1011, 4001, 4008, 4012, 4029])(
    'with %d does not end it: the client reconnects',
    async (code) => {
      const url = await strangeService((socket, number) => {
        welcome(socket);
        if (number === 1) socket.close(code);
      });
      const connected = new Recorder<boolean>();
      await connectClient(url, { onConnection: (one) => connected.add(one) });
      expect(await connected.first(3)).toEqual([true, false, true]);
    },
  );

  it('with going_away gets it back when it said, not before', async () => {
    const seen: number[] = [];
    const url = await strangeService((socket, number) => {
      seen.push(performance.now());
      welcome(socket);
      if (number > 1) return;
      notify(socket, 'going_away', { reconnect_after_ms: 700 });
      socket.close(1001);
    });
    const connected = new Recorder<boolean>();
    await connectClient(url, { onConnection: (one) => connected.add(one) });
    await connected.first(3);
    const [first = 0, second = 0] = seen;
    expect(second - first).toBeGreaterThanOrEqual(690);
  });

  it.each(['hello', 'null', '{"method":"packet"}'])('by sending only %j counts as unreachable', async (text) => {
    const url = await strangeService((socket) => socket.send(text));
    await expect(connect(url)).rejects.toMatchObject({ code: 'unreachable' });
  });
});

test('a client keeps a quiet connection while the service answers pings', async () => {
  const pings = new Recorder<unknown>();
  const url = await strangeService((socket) => {
    welcome(socket, 0.2);
    answerRequests(socket, (method) => {
      pings.add(method);
      return 'pong';
    });
  });
  const connected = new Recorder<boolean>();
  keepClient(await connect(url, { onConnection: (one) => connected.add(one) }));
  expect(await pings.first(5)).toEqual(Array(5).fill('ping'));
  expect(connected.all).toEqual([true]);
});
