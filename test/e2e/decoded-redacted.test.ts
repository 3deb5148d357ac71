import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1, decode: true };

/** The payload of `aor_delete` for the user `alice`. */
const ALICE = Buffer.from('\u0008\0\0\0location\u0005\0\0\0alice');
const REDACT = { CLUSTERER_REDACT: 'aor' };

describe('with CLUSTERER_REDACT', () => {
  it('decoded packets show neither the value of the field nor the payload with it', async () => {
    const service = await startService(REDACT);
    const socket = await service.socket();
    await socket.call('register_module', UL);
    const peer = await connectPeer(service);
    peer.write(packetBytes({ packetType: 2, payload: ALICE }));
    peer.write(packetBytes({ packetType: 2, payload: `${ALICE}!` }));
    const [packet, faulty] = await socket.until(({ notifications }) => {
      const found = notifications.filter(({ method }) => method === 'packet').map(({ params }) => params);
      return found.length === 2 && found;
    });
    expect(packet).toMatchObject({ decoded: { fields: { domain: 'location', aor: '(redacted)' } } });
    expect(faulty).toMatchObject({ decoded: null, decode_fault: expect.any(String) });
    for (const one of [packet, faulty]) {
      expect(one).not.toHaveProperty('payload');
      expect(JSON.stringify(one)).not.toContain('alice');
    }
    expect(JSON.stringify(service.logLines)).not.toContain('alice');
  });

  it('registrations without decode get whole payloads', async () => {
    const service = await startService(REDACT);
    const socket = await service.socket();
    await socket.call('register_module', { ...UL, decode: false });
    (await connectPeer(service)).write(packetBytes({ packetType: 2, payload: ALICE }));
    const packet = await socket.until(({ notifications }) => notifications.find(({ method }) => method === 'packet'));
    expect(packet.params.payload).toBe(ALICE.toString('base64'));
  });

  it('decode is refused on sockets with binary frames, also for a resume', async () => {
    const service = await startService(REDACT);
    const [text, binary] = [await service.socket(), await service.socket(['clusterer.v1.bin'])];
    const { registration, epoch } = await text.call('register_module', UL);
    for (const more of [{}, { resume: { registration, epoch, seq: 0 } }]) {
      await expect(binary.call('register_module', { ...UL, ...more })).rejects.toMatchObject({
        code: 400,
        data: { code: 'decode_not_supported', detail: expect.stringContaining('clusterer.v1') },
      });
    }
    await binary.call('register_module', { ...UL, decode: false });
  });
});
