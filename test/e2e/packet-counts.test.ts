import { createHash } from 'node:crypto';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TOKENS = `mod:module:${sha256('mod')},eye:read:${sha256('eye')}`;
const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
const EYE = { authorization: 'Bearer eye' };

describe('GET /modules/{number}/packets', () => {
  it('counts the packets of a registration by name, for the role read, without their fields', async () => {
    const service = await startService({ CLUSTERER_TOKENS: TOKENS });
    const socket = await service.socket([], { authorization: 'Bearer mod' });
    const { number } = await socket.call('register_module', UL);
    const peer = await connectPeer(service);
    for (const packetType of [1, 2, 2, 99]) peer.write(packetBytes({ packetType, payload: 'secret' }));
    await socket.until(({ notifications }) => notifications.filter(({ method }) => method === 'packet').length === 4);
    const { status, body, text } = await service.request('GET', `/modules/${number}/packets`, undefined, EYE);
    expect([status, body]).toEqual([
      200,
      {
        packets: 4,
        names: [
          { name: 'aor_delete', packet_type: 2, packets: 2 },
          { name: 'aor_insert', packet_type: 1, packets: 1 },
          { name: null, packet_type: 99, packets: 1 },
        ],
      },
    ]);
    expect(text).not.toContain(Buffer.from('secret').toString('base64'));
  });

  it('counts the newest thousand', async () => {
    const service = await startService();
    const socket = await service.socket();
    const { number } = await socket.call('register_module', UL);
    const peer = await connectPeer(service);
    for (let i = 0; i < 600; i++) peer.write(packetBytes({ packetType: 1 }));
    for (let i = 0; i < 900; i++) peer.write(packetBytes({ packetType: 2 }));
    await socket.until(
      ({ notifications }) => notifications.filter(({ method }) => method === 'packet').length === 1_500,
    );
    expect((await service.request('GET', `/modules/${number}/packets`)).body).toEqual({
      packets: 1_000,
      names: [
        { name: 'aor_delete', packet_type: 2, packets: 900 },
        { name: 'aor_insert', packet_type: 1, packets: 100 },
      ],
    });
  });

  it('is empty before the first packet, and 404 for a number that no registration has', async () => {
    const service = await startService();
    const { number } = await (await service.socket()).call('register_module', UL);
    expect((await service.request('GET', `/modules/${number}/packets`)).body).toEqual({ packets: 0, names: [] });
    const unknown = await service.request('GET', `/modules/${number + 1}/packets`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_registration']);
    expect((await service.request('GET', '/modules/x/packets')).status).toBe(400);
  });
});
