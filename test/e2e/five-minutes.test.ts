import { once } from 'node:events';
import { createConnection } from 'node:net';
import { encodePacket } from '../../src/wire/packet.js';
import { startService, stopServicesAfterEach } from '../support/service.js';

stopServicesAfterEach();

test('a packet from a machine reaches the module that registered for it, and a stranger’s does not', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const client = await service.socket();
  const { registration, machines, seq } = await client.call('register_module', {
    module: 'ul',
    protocol: 'bin',
    timeout: 10,
    auth_check: true,
    cluster_id: 1,
  });
  expect({ machines, seq }).toEqual({ machines: [{ machine_id: 2, reception: 'receiving' }], seq: 0 });

  const frame = encodePacket({ module: 'ul', packetType: 3, version: 1, machineId: 2, payload: Buffer.from('hello') });
  for (const localAddress of ['127.0.0.3', '127.0.0.2']) {
    const socket = createConnection({ host: service.bin.ip, port: service.bin.port, localAddress });
    await once(socket, 'connect');
    socket.end(frame);
    await once(socket, 'close');
  }
  const [packet] = await client.first('packet');
  expect(packet).toMatchObject({
    registration,
    seq: 1,
    cluster_id: 1,
    machine_id: 2,
    module: 'ul',
    protocol: 'bin',
    packet_type: 3,
    version: 1,
    payload: Buffer.from('hello').toString('base64'),
  });
  expect(packet?.source).toMatch(/^127\.0\.0\.2:\d+$/);
  expect(await service.logLine({ mismatch: 'ip' })).toMatchObject({ machine_id: 2, module: 'ul' });
});
