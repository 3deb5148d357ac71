import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectPeer, disconnectPeersAfterEach, packetBytes, takePackets } from '../support/peers/bin-peer.js';
import { contactAt, encodeContact } from '../support/peers/contacts.js';
import { freePort } from '../support/service/free-port.js';
import { closeGuidesAfterEach, Guide } from '../support/service/guide.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

jest.setTimeout(120_000);
stopServicesAfterEach();
closeGuidesAfterEach();
disconnectPeersAfterEach();

const DOCS = join(__dirname, '../../docs');

/** The service of a guide that needs one, at the port of that guide. */
function serviceOf(guide: Guide): Promise<TestService> {
  return startService({ CLUSTERER_HTTP_PORT: String(guide.http) });
}

describe('docs/guides', () => {
  it('has every guide in its index', () => {
    const pages = readdirSync(join(DOCS, 'guides')).filter((file) => file !== 'README.md');
    const listed = [...readFileSync(join(DOCS, 'guides/README.md'), 'utf8').matchAll(/^\| \[.*?\]\((.*?)\)/gm)];
    expect(listed.map(([, file]) => file).sort()).toEqual(pages.sort());
  });

  it('runs the program of docs/client.md', () => {
    const [, program] = /^```js contact-cache\n(.*?)^```$/ms.exec(readFileSync(join(DOCS, 'client.md'), 'utf8')) ?? [];
    expect(readFileSync(join(DOCS, 'demo/contacts.mjs'), 'utf8')).toBe(program);
  });
});

test('first-run.md shows what it says', async () => {
  const guide = await Guide.open('first-run.md');
  await guide.end();
});

test('drain-for-an-upgrade.md shows what it says', async () => {
  const guide = await Guide.open('drain-for-an-upgrade.md', { '10.0.0.': '127.0.111.' });
  const service = await serviceOf(guide);
  for (const id of [2, 3]) {
    await service.provision(1, id, guide.here(`bin:10.0.0.${id}:5566`), { description: `sip-${id}` });
  }
  await guide.until('sh daemon');
  await takePackets(guide.here('10.0.0.2'), guide.bin);
  await guide.end();
});

test('a-contact-list.md shows what it says', async () => {
  const guide = await Guide.open('a-contact-list.md', { 9000: String(await freePort()) });
  const service = await serviceOf(guide);
  await service.provision(1, 1, 'bin:127.0.0.2:5555');
  const { type, body } = encodeContact('contact_insert', contactAt('192.0.2.1:5060', 'alice'), '2.2');
  const packet = packetBytes({ machineId: 1, packetType: type, payload: body });
  for (let registrations = 1; registrations <= 2; registrations++) {
    await guide.until('text contacts');
    await service.logLine({ msg: 'module registered', number: registrations });
    (await connectPeer(service)).write(packet);
  }
  await guide.end();
});
