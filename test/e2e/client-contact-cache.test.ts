import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { contactAt, contactChunk, encodeContact, USRLOC, USRLOC_VERSION } from '../support/peers/contacts.js';
import { endProgramsAfterEach, programOf, runProgram } from '../support/peers/document-program.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

jest.setTimeout(60_000);
endProgramsAfterEach();
stopServicesAfterEach();
endFleetAfterEach();
disconnectPeersAfterEach();

const CACHE = programOf('docs/client.md', 'contact-cache');
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe('the contact cache of docs/client.md', () => {
  it('starts with what a machine holds, and keeps, refreshes, expires and deletes contacts', async () => {
    const chunks = [contactChunk(contactAt('host-1', 'alice')), contactChunk(contactAt('host-1', 'bob'))];
    const data = { [USRLOC]: { version: USRLOC_VERSION, chunks } };
    const member = await startMember(110, [{ id: 1, family: 'E', capabilities: { [USRLOC]: true }, data }]);
    await linked(member);
    const { printed } = runProgram(CACHE, member.service.httpUrl);
    expect(await printed.first(2)).toEqual(['alice is at sip:alice@host-1', 'bob is at sip:bob@host-1']);

    const live: readonly [string, ReturnType<typeof contactAt>, string][] = [
      ['contact_insert', contactAt('host-2', 'alice'), 'alice is at sip:alice@host-1, sip:alice@host-2'],
      ['contact_update', contactAt('host-1', 'bob', { cseq: 3 }), 'bob is at sip:bob@host-1'],
      ['contact_update', contactAt('host-1', 'bob', { cseq: 2, expires: 1 }), 'bob is at sip:bob@host-1'],
      ['contact_delete', contactAt('host-1', 'alice'), 'alice is at sip:alice@host-2'],
      ['aor_delete', { domain: 'location', aor: 'alice' }, 'alice is at no contact'],
      ['contact_insert', contactAt('host-1', 'carol', { expires: inSeconds(2) }), 'carol is at sip:carol@host-1'],
    ];
    for (const [name, fields, line] of live) {
      const before = printed.all.length;
      // Of a contact, only these fields are in the packets that delete.
      const { domain, aor, contact, callid, cseq } = fields;
      const written = name === 'contact_delete' ? { domain, aor, contact, callid, cseq } : fields;
      member.machine(1).send(MEMBER, { capability: USRLOC, version: USRLOC_VERSION, ...encodeContact(name, written) });
      expect([name, await printed.until((lines) => lines[before])]).toEqual([name, line]);
    }
    await printed.until((lines) => lines.at(-1) === 'carol is at no contact');
  });

  it('drops after a gap what was deleted meanwhile', async () => {
    const chunks = [contactChunk(contactAt('host-1', 'alice')), contactChunk(contactAt('host-1', 'bob'))];
    const data = { [USRLOC]: { version: USRLOC_VERSION, chunks } };
    const member = await startMember(111, [{ id: 1, family: 'E', capabilities: { [USRLOC]: true }, data }]);
    await linked(member);
    const { printed } = runProgram(CACHE, member.service.httpUrl);
    await printed.first(2);
    chunks.shift();
    const { port } = new URL(member.service.httpUrl);
    await member.service.stop();
    await member.service.start({ CLUSTERER_HTTP_PORT: port });
    await printed.until((lines) => lines.includes('alice is at no contact'));
    expect(printed.all.slice(2)).toEqual(['bob is at sip:bob@host-1', 'alice is at no contact']);
  });

  it('works without a sync in a cluster of OpenSIPS 2.2', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const { printed } = runProgram(CACHE, service.httpUrl);
    await service.logLine({ msg: 'module registered' });
    const { type, body } = encodeContact('contact_insert', contactAt('host-1', 'alice'), '2.2');
    (await connectPeer(service)).write(packetBytes({ packetType: type, payload: body }));
    expect(await printed.first()).toEqual(['alice is at sip:alice@host-1']);
  });
});
