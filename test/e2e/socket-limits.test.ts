import { once } from 'node:events';
import { WebSocket } from 'ws';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 0 };

test('a client that sends more messages in a second than it may is closed with 4029, and may come back', async () => {
  const service = await startService({ CLUSTERER_WS_MESSAGES_PER_SECOND: '3' });
  const client = await service.socket();
  expect(client.notifications[0]?.params).toMatchObject({ limits: { messages_per_second: 3 } });
  const { registration, epoch } = await client.call('register_module', UL);
  for (let i = 0; i < 3; i++) client.socket.send('{"jsonrpc":"2.0","method":"ping"}');
  expect(await client.closed).toEqual({ code: 4029, reason: 'more than 3 messages in a second' });
  await service.logLine({ door: 'ws', reason: 'too_many_messages', code: 4029, address: '127.0.0.1' });
  const back = await service.socket();
  const resume = { registration, epoch, seq: 0 };
  expect(await back.call('register_module', { ...UL, resume })).toMatchObject({ resumed: true });
});

test('a socket carries as many registrations as it may; one more is refused, and the others stay', async () => {
  const service = await startService({ CLUSTERER_WS_MAX_REGISTRATIONS: '2' });
  const client = await service.socket();
  expect(client.notifications[0]?.params).toMatchObject({ limits: { registrations: 2 } });
  const first = await client.call('register_module', UL);
  await client.call('register_module', UL);
  await expect(client.call('register_module', UL)).rejects.toMatchObject({
    code: 429,
    data: { code: 'too_many_registrations', detail: expect.stringContaining('2') },
  });
  await service.logLine({ door: 'ws', reason: 'too_many_registrations', what: 'register_module' });
  expect((await service.request('GET', '/modules')).body.modules).toHaveLength(2);
  const { registration, epoch } = first;
  const resume = { registration, epoch, seq: 0 };
  expect(await client.call('register_module', { ...UL, resume })).toMatchObject({ registration, resumed: true });
  await client.call('unregister_module', { registration });
  expect(await client.call('register_module', UL)).toMatchObject({ number: 3 });
});

test('all sockets together carry as many registrations as may be, those without a socket included; a resume needs no room', async () => {
  const service = await startService({ CLUSTERER_MAX_REGISTRATIONS: '2' });
  const [one, two] = [await service.socket(), await service.socket()];
  const { registration, epoch } = await one.call('register_module', UL);
  await two.call('register_module', UL);
  one.socket.terminate();
  const back = await service.socket();
  await expect(back.call('register_module', UL)).rejects.toMatchObject({
    code: 503,
    data: { code: 'registrations_exhausted', detail: expect.stringContaining('CLUSTERER_MAX_REGISTRATIONS') },
  });
  await service.logLine({ door: 'ws', reason: 'registrations_exhausted', what: 'register_module' });
  const resume = { registration, epoch, seq: 0 };
  expect(await back.call('register_module', { ...UL, resume })).toMatchObject({ resumed: true });
  await two.close();
  expect(await back.call('register_module', UL)).toMatchObject({ number: 3 });
});

test('as many sockets are open as may be; one more is refused before the upgrade, until one closes', async () => {
  const service = await startService({ CLUSTERER_WS_MAX_CLIENTS: '2' });
  const [one] = [await service.socket(), await service.socket()];
  const refused = new WebSocket(`${service.httpUrl.replace('http', 'ws')}/ws`, ['clusterer.v1']);
  const [request, response] = await once(
    refused.on('error', () => {}),
    'unexpected-response',
  );
  let text = '';
  for await (const chunk of response) text += chunk;
  request.destroy();
  expect([response.statusCode, JSON.parse(text)]).toMatchObject([503, { code: 'too_many_sockets' }]);
  await one?.close();
  expect(await (await service.socket()).call('ping')).toBe('pong');
});

test('a message longer than it may be closes its socket with 1009, and no other', async () => {
  const service = await startService({ CLUSTERER_WS_FRAME_BYTES: '1000' });
  const [client, bystander] = [await service.socket(), await service.socket()];
  expect(client.notifications[0]?.params).toMatchObject({ limits: { frame_bytes: 1000 } });
  client.socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }).padEnd(1000));
  await client.until(({ frames }) => frames.length === 2);
  client.socket.send(' '.repeat(1001));
  expect((await client.closed).code).toBe(1009);
  await service.logLine({ door: 'ws', reason: 'frame_too_long', address: '127.0.0.1' });
  expect(await bystander.call('ping')).toBe('pong');
});

test('a client that answers no ping may come back to its registration', async () => {
  const service = await startService({ CLUSTERER_WS_HEARTBEAT_SECONDS: '1', CLUSTERER_WS_PONG_TIMEOUT_SECONDS: '1' });
  const client = await service.socket();
  expect(client.notifications[0]?.params).toMatchObject({ heartbeat_seconds: 1, limits: { pong_seconds: 1 } });
  const ul = await client.call('register_module', UL);
  client.socket.pause();
  await service.logLine({ door: 'ws', reason: 'no_pong', code: 4012 });
  (await connectPeer(service)).write(packetBytes());
  const back = await service.socket();
  const resume = { registration: ul.registration, epoch: ul.epoch, seq: 0 };
  expect(await back.call('register_module', { ...UL, resume })).toMatchObject({ resumed: true });
  await back.until(() => back.received(ul).length === 1);
  client.socket.resume();
  expect(await client.closed).toEqual({ code: 4012, reason: 'no pong in time' });
});
