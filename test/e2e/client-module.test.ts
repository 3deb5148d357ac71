import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connect, PayloadReader, PayloadWriter } from '../../src/client/node.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { closeClientsAfterEach, connectClient, Recorder, RecordingModule } from '../support/peers/client.js';
import {
  answerRequests,
  notify,
  stopStrangeServicesAfterEach,
  strangeService,
  welcome,
} from '../support/peers/strange-service.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(30_000);
closeClientsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();
stopStrangeServicesAfterEach();

const UL = { module: 'ul', timeout: 0, authCheck: true, clusterId: 1 };
const SUBPROTOCOLS = ['clusterer.v1', 'clusterer.v1.bin'] as const;

describe.each(SUBPROTOCOLS)('a module on %s', (subprotocol) => {
  it('gets packets with their payload, as the same events on both subprotocols', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await connectClient(service.httpUrl, { subprotocol });
    const module = new RecordingModule();
    const registration = await client.registerModule(UL, module.handlers);
    expect(registration).toMatchObject({ number: 1, machines: [{ machine_id: 2, reception: 'receiving' }] });

    const peer = await connectPeer(service);
    const payload = new PayloadWriter().writeString('location').writeInt(-1).payload();
    peer.write(packetBytes({ payload, packetType: -7, version: 3 }));
    peer.write(packetBytes());
    await module.untilPackets(2);
    const text = subprotocol === 'clusterer.v1';
    const of = { cluster_id: 1, machine_id: 2, dialect: '2.2', module: 'ul', protocol: 'bin' };
    const head = { registration: expect.any(String), ...of };
    const source = text ? `127.0.0.2:${peer.localPort}` : null;
    const received_at = text ? expect.any(Number) : null;
    expect(module.packets).toEqual([
      { ...head, seq: 1, packet_type: -7, version: 3, source, received_at, payload },
      { ...head, seq: 2, packet_type: 3, version: 1, source, received_at, payload: new Uint8Array() },
    ]);
    const reader = new PayloadReader(module.packets[0]?.payload ?? new Uint8Array());
    expect([reader.readString(), reader.readInt()]).toEqual(['location', -1]);
    expect(module.packets.map((packet) => Object.getPrototypeOf(packet.payload))).toEqual([
      Uint8Array.prototype,
      Uint8Array.prototype,
    ]);
  });

  it('gets the timeout of a machine, its dropped packets, and its return', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await connectClient(service.httpUrl, { subprotocol });
    const module = new RecordingModule();
    await client.registerModule({ ...UL, timeout: 0.2 }, module.handlers);
    await module.first(1);
    (await connectPeer(service)).write(packetBytes());
    const heard = await module.first(3);
    expect(heard.map(({ name, seq }) => [name, seq])).toEqual([
      ['timeout', 1],
      ['temp_disabled', 2],
      ['up', 3],
    ]);
    expect(heard.map(({ event }) => event)).toMatchObject([
      { cluster_id: 1, machine_id: 2, silent_for: expect.any(Number) },
      { cluster_id: 1, machine_id: 2, dropped: 1 },
      { cluster_id: 1, machine_id: 2 },
    ]);
  });

  it('carries several registrations, each with its own packets', async () => {
    const service = await startService();
    const client = await connectClient(service.httpUrl, { subprotocol });
    const modules = await Promise.all(
      ['ul', 'dialog', 'ul'].map(async (name) => {
        const module = new RecordingModule();
        await client.registerModule({ ...UL, module: name, authCheck: false, clusterId: 0 }, module.handlers);
        return module;
      }),
    );
    const peer = await connectPeer(service);
    for (const module of ['ul', 'dialog', 'dialog', 'ul', 'ul']) peer.write(packetBytes({ module }));
    await Promise.all([3, 2, 3].map((count, i) => modules[i]?.untilPackets(count)));
    expect(modules.map(({ packets }) => packets.map(({ module }) => module))).toEqual([
      ['ul', 'ul', 'ul'],
      ['dialog', 'dialog'],
      ['ul', 'ul', 'ul'],
    ]);
  });
});

describe('a module', () => {
  it('has its handlers called one at a time, even after one that fails', async () => {
    const service = await startService();
    const errors = new Recorder<unknown>();
    const client = await connectClient(service.httpUrl, { onError: (error) => errors.add(error) });
    const order = new Recorder<string>();
    await client.registerModule(
      { ...UL, authCheck: false },
      {
        packet: async ({ seq }) => {
          order.add(`${seq} begins`);
          if (seq === 2) throw new Error('two is too much');
          await client.getNodes({ clusterId: 1 }).catch(() => {});
          order.add(`${seq} ends`);
        },
      },
    );
    const peer = await connectPeer(service);
    peer.write(Buffer.concat([packetBytes(), packetBytes(), packetBytes()]));
    expect(await order.first(5)).toEqual(['1 begins', '1 ends', '2 begins', '3 begins', '3 ends']);
    expect(errors.all).toEqual([new Error('two is too much')]);
  });

  it('may end its registration in a handler, and gets nothing more', async () => {
    const service = await startService();
    const client = await connectClient(service.httpUrl);
    const heard = new Recorder<number>();
    const registration = await client.registerModule(
      { ...UL, authCheck: false },
      {
        packet: async ({ seq }) => {
          heard.add(seq);
          await registration.unregister();
        },
      },
    );
    const peer = await connectPeer(service);
    peer.write(Buffer.concat([packetBytes(), packetBytes(), packetBytes()]));
    await service.logLine({ msg: 'module unregistered' });
    peer.write(packetBytes());
    await client.listNodes();
    expect(heard.all).toEqual([1]);
    expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
    await registration.unregister();
  });

  it('may use its registration in a handler, however soon after the answer a notification comes', async () => {
    const url = await strangeService((socket) => {
      welcome(socket);
      answerRequests(socket, () => {
        // In one TCP segment with the answer.
        setImmediate(() => connection.uncork());
        const connection = (socket as unknown as { readonly _socket: Socket })._socket;
        connection.cork();
        queueMicrotask(() => notify(socket, 'up', { registration: 'r', seq: 1, cluster_id: 1, machine_id: 2 }));
        return { registration: 'r', number: 7, epoch: 'e', seq: 0, machines: [] };
      });
    });
    const heard = new Recorder<unknown>();
    const client = await connectClient(url, { onError: (error) => heard.add(error) });
    const registration = await client.registerModule(UL, { up: () => heard.add(registration.number) });
    expect(await heard.first()).toEqual([7]);
  });

  it('makes every call', async () => {
    const service = await startService();
    const machine = createServer().listen(0, '127.0.0.2');
    await once(machine, 'listening');
    const { port } = machine.address() as { port: number };
    await service.provision(1, 2, `bin:127.0.0.2:${port}`, { description: 'two' });
    await service.provision(1, 3, 'bin:127.0.0.3:1');
    const client = await connectClient(service.httpUrl);
    expect(client.welcome).toMatchObject({ server_id: 0, heartbeat_seconds: 25 });

    const received = once(machine, 'connection').then(([peer]) => once(peer, 'data'));
    const payload = Uint8Array.from({ length: 20_000 }, (_, i) => i);
    expect(await client.sendTo({ clusterId: 1, module: 'ul', packetType: 3, payload, version: 2 })).toEqual([
      { machine_id: 2, sent: true },
      { machine_id: 3, sent: false, error: 'refused' },
    ]);
    const [packet] = await received;
    expect(packet).toEqual(packetBytes({ machineId: 0, payload, version: 2 }).subarray(0, packet.length));
    machine.close();

    expect(await client.getNodes({ clusterId: 1, protocol: 'udp' })).toEqual([]);
    expect(await client.getNodes({ clusterId: 1 })).toMatchObject([{ machine_id: 2 }, { machine_id: 3 }]);
    expect(await client.setState({ clusterId: 1, machineId: 3, state: 'down' })).toMatchObject({ state: 'down' });
    expect(await client.getNodes({ clusterId: 1 })).toMatchObject([{ machine_id: 2, description: 'two' }]);
    expect(await client.listNodes({ state: 'down' })).toMatchObject({ nodes: [{ machine_id: 3 }], next_cursor: null });
    expect(await client.check({ clusterId: 1, address: '127.0.0.2', serverId: 2 })).toBe(true);
    expect(await client.check({ clusterId: 1, address: '127.0.0.2', serverId: 3 })).toBe(false);
  });

  it('gets the errors of its calls', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await connectClient(service.httpUrl);
    await expect(client.getNodes({ clusterId: 9 })).rejects.toMatchObject({
      name: 'ClientError',
      code: 'unknown_cluster',
      status: 404,
      detail: 'Cluster 9 has no loaded row.',
    });
    await expect(client.registerModule({ ...UL, timeout: -1 }, {})).rejects.toMatchObject({
      code: 'invalid_input',
      status: 400,
      errors: [{ pointer: '/timeout' }],
    });
    await expect(client.registerModule({ ...UL, protocol: 'udp' }, {})).rejects.toMatchObject({
      code: 'protocol_not_supported',
    });
    const payload = new Uint8Array(66_000);
    const packet = { clusterId: 1, module: 'ul', packetType: 1 };
    await expect(client.sendTo({ ...packet, payload })).rejects.toMatchObject({
      code: 'payload_too_long',
      status: 400,
    });
    await expect(client.sendTo({ ...packet, payload: new Uint8Array(2 ** 20) })).rejects.toMatchObject({
      code: 'payload_too_long',
      status: 400,
    });
    expect(await client.listNodes()).toMatchObject({ nodes: [{ machine_id: 2 }] });
  });

  it('that closes waits for the handler that runs, calls no other, and ends its registration', async () => {
    const service = await startService();
    const client = await connectClient(service.httpUrl);
    const order = new Recorder<string>();
    let end = () => {};
    const mayEnd = new Promise<void>((resolve) => {
      end = resolve;
    });
    await client.registerModule(
      { ...UL, authCheck: false },
      {
        packet: async ({ seq }) => {
          order.add(`${seq} begins`);
          await mayEnd;
          await client.listNodes();
          order.add(`${seq} ends`);
        },
      },
    );
    (await connectPeer(service)).write(Buffer.concat([packetBytes(), packetBytes()]));
    await order.first();
    const closed = client.close().then(() => order.add('closed'));
    end();
    await closed;
    expect(order.all).toEqual(['1 begins', '1 ends', 'closed']);
    await client.closed;
    await service.logLine({ msg: 'module unregistered' });
    await expect(client.listNodes()).rejects.toMatchObject({ code: 'closed' });
    await client.close();
  });
});

test('calls while the client closes are answered or refused, and do not delay it', async () => {
  const service = await startService();
  const client = await connectClient(service.httpUrl);
  const calls = [client.registerModule(UL, {}), client.watch({}, {}), client.listNodes()];
  const closed = client.close();
  const [registering, watching, listing] = await Promise.allSettled(calls);
  const refused = { reason: { code: expect.stringMatching(/^(closed|connection_lost)$/) } };
  expect([registering, watching]).toMatchObject([refused, refused]);
  expect(listing).toBeDefined();
  await closed;
  expect((await service.request('GET', '/modules')).body.modules).toEqual([]);
});

describe('a connection', () => {
  it('fails with an explanation if there is no service', async () => {
    const service = await startService();
    const url = service.httpUrl;
    await service.stop();
    await expect(connect(url)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('waits for a service that is not started yet, with waitForService', async () => {
    const service = await startService();
    const url = service.httpUrl;
    await service.stop();
    const connecting = connectClient(url, { waitForService: true });
    await service.start({ CLUSTERER_HTTP_PORT: new URL(url).port });
    expect((await connecting).welcome).toMatchObject({ server_id: 0 });
  });

  it.each([
    ['the wrong token', 'wrong', { code: 'unauthorized', status: 401 }],
    ['no token', undefined, { code: 'unauthorized', status: 401 }],
  ])('with %s is refused for good', async (_, token, error) => {
    const service = await startService({ CLUSTERER_TOKENS: `eye:read:${'a'.repeat(64)}` });
    await expect(connect(service.httpUrl, { token, waitForService: true })).rejects.toMatchObject(error);
  });

  it.each(SUBPROTOCOLS)('with an insufficient role gets an error, and goes on, on %s', async (subprotocol) => {
    const sha256 = createHash('sha256').update('secret').digest('hex');
    const service = await startService({ CLUSTERER_TOKENS: `eye:read:${sha256}` });
    const client = await connectClient(service.httpUrl, { token: 'secret', subprotocol });
    await expect(client.registerModule(UL, {})).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    expect(await client.listNodes()).toEqual({ nodes: [], next_cursor: null });
  });
});
