import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/browser.js';
import { capturedPayloads } from '../fixtures/payloads.js';
import { inBrowser } from '../support/page/browser.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { closeClientsAfterEach, keepClient, RecordingModule } from '../support/peers/client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(30_000);
closeClientsAfterEach();
stopServicesAfterEach();
disconnectPeersAfterEach();

// Has the interface of a browser's WebSocket.
beforeAll(() => Object.assign(globalThis, { WebSocket }));
afterAll(() => Object.assign(globalThis, { WebSocket: undefined }));

const UL = { module: 'ul', timeout: 0, authCheck: false, clusterId: 0 };
const SECRET = 'c2VjcmV0/+?~';
const TOKENS = { CLUSTERER_TOKENS: `page:module:${createHash('sha256').update(SECRET).digest('hex')}` };

describe('the browser client', () => {
  it.each(['clusterer.v1', 'clusterer.v1.bin'] as const)('gets packets on %s with its token', async (subprotocol) => {
    const service = await startService(TOKENS);
    const client = keepClient(await connect(service.httpUrl, { token: SECRET, subprotocol }));
    const module = new RecordingModule();
    await client.registerModule(UL, module.handlers);
    (await connectPeer(service)).write(packetBytes({ payload: 'hello' }));
    await module.untilPackets(1);
    expect(module.packets).toMatchObject([{ machine_id: 2, payload: new TextEncoder().encode('hello') }]);
    expect(await client.sendTo({ clusterId: 1, module: 'ul', packetType: 1 }).catch(({ code }) => code)).toBe(
      'unknown_cluster',
    );
    await client.close();
    await service.logLine({ msg: 'module unregistered' });
  });

  it('reports a wrong token, although a browser does not say why a socket did not open', async () => {
    const service = await startService(TOKENS);
    for (const token of ['wrong', undefined]) {
      await expect(connect(service.httpUrl, { token })).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
    }
    await expect(connect(service.httpUrl, { token: 'two words' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('reports that there is no service', async () => {
    const service = await startService();
    const url = service.httpUrl;
    await service.stop();
    await expect(connect(url)).rejects.toMatchObject({ code: 'unreachable', status: null });
  });

  it('reports that the page may not open a socket, and leaves no timer running', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    Object.assign(globalThis, {
      WebSocket: class {
        constructor() {
          throw new Error('insecure');
        }
      },
    });
    const before = timers();
    try {
      for (const waitForService of [false, true]) {
        const refused = connect('http://127.0.0.1:8080', { waitForService });
        await expect(refused).rejects.toMatchObject({ name: 'ClientError', code: 'unreachable' });
      }
    } finally {
      Object.assign(globalThis, { WebSocket });
    }
    expect(timers()).toBe(before);
  });
});

inBrowser('the client', (browser) => {
  it.each(['clusterer.v1', 'clusterer.v1.bin'])('decodes packets on %s', async (subprotocol) => {
    const service = await startService();
    const page = await browser.open(service);
    const decoded = page.evaluate(`(async () => {
      const { connect, decodePacket } = await import('/client/browser.js');
      const client = await connect(location.origin, { subprotocol: '${subprotocol}' });
      const packets = [];
      await new Promise((resolve) => client.registerModule(${JSON.stringify(UL)}, {
        packet: (packet) => packets.push(decodePacket(packet)) === 2 && resolve(),
      }));
      return JSON.stringify(packets);
    })()`);
    await service.logLine({ msg: 'module registered' });
    const contact = capturedPayloads().find(({ module, packetType }) => module === 'ul' && packetType === 3);
    const peer = await connectPeer(service);
    for (const payload of [contact?.payload ?? '', 'hello']) peer.write(packetBytes({ payload }));
    expect(JSON.parse(String(await decoded))).toMatchObject([
      { module: 'ul', name: 'contact_insert', fields: { aor: 'alice', contact: 'sip:alice@127.0.0.9:6000', q: 0.7 } },
      { fault: expect.stringMatching(/^contact_insert: .* at byte \d+/) },
    ]);
    expect(browser.faults).toEqual([]);
  });
});
