import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, releasesKnown, startMember } from '../support/fleet/member.js';
import { aorDelete, USRLOC } from '../support/fleet/payloads.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();

const PACKETS = '/clusters/1/packets';
const ALICE = { module: 'ul', name: 'aor_delete', fields: { domain: 'location', aor: 'alice' } };
/** Version 2, which machines of 2.4 read, has no `ctmatch`. */
const CONTACT = {
  ...ALICE.fields,
  contact: 'sip:alice@10.0.0.1',
  contact_id: '4294967297',
  callid: 'c',
  user_agent: '',
  path: '',
  attr: '',
  received: '',
  instance: '',
  expires: 1795900000,
  q: null,
  socket: 'udp:10.0.0.9:5060',
  cseq: 1,
  flags: 0,
  cflags: [],
  methods: ['all'],
  last_modified: 1795900000,
};

describe('a packet by name and fields', () => {
  it('comes to the machines of a fleet with the bytes of its fields', async () => {
    const member = await startMember(
      122,
      [1, 2].map((id) => ({ id, capabilities: { [USRLOC]: true } })),
    );
    await linked(member);
    const { body } = await member.service.request('POST', PACKETS, ALICE);
    expect(body.results).toEqual([1, 2].map((id) => ({ machine_id: id, sent: true })));
    for (const machine of member.fleet) {
      await machine.until(() => machine.packets(USRLOC).length === 1);
      expect(machine.packets(USRLOC)[0]).toMatchObject({ body: aorDelete('alice'), destination: machine.id });
    }
  });

  it('must suit the machines that are tried, and no others', async () => {
    const member = await startMember(123, [
      { id: 1, family: 'C2', capabilities: { [USRLOC]: true } },
      { id: 2, family: 'E', capabilities: { [USRLOC]: true } },
    ]);
    await linked(member);
    await releasesKnown(member, [1, 2]);
    const { service } = member;
    const send = (more: object = {}) => {
      const name = 'contact_insert';
      return service.request('POST', PACKETS, { module: USRLOC, name, fields: { ...CONTACT, ctmatch: 5 }, ...more });
    };
    const refused = { status: 400, body: { errors: [{ pointer: '/fields/ctmatch' }] } };
    expect(await send()).toMatchObject(refused);
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    expect((await send()).body).toEqual({ results: [{ machine_id: 1, sent: true }] });
    expect(await send({ machine_id: 2 })).toMatchObject(refused);
  });

  it('comes back decoded to the registrations of another service of 2.2', async () => {
    const [sender, receiver] = [await startService(), await startService()];
    await sender.provision(1, 2, `bin:127.0.0.1:${receiver.bin.port}`);
    const socket = await receiver.socket();
    const registered = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1, decode: true };
    await socket.call('register_module', registered);
    const { name, fields } = ALICE;
    const other = await sender.socket();
    expect(await other.call('send_to', { cluster_id: 1, ...ALICE })).toEqual({
      results: [{ machine_id: 2, sent: true }],
    });
    const packet = await socket.until(({ notifications }) => notifications.find(({ method }) => method === 'packet'));
    expect(packet.params).toMatchObject({ packet_type: 2, decoded: { name, fields } });
  });

  it('is refused with a pointer to what is wrong', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const bad: readonly (readonly [object, string])[] = [
      [{ fields: { domain: 'location' } }, '/fields/aor'],
      [{ fields: { ...ALICE.fields, 'a/b': 1 } }, '/fields/a~1b'],
      [{ fields: { ...ALICE.fields, aor: 5 } }, '/fields/aor'],
      [{ fields: [] }, '/fields'],
      [{ name: 'none' }, '/name'],
      [{ packet_type: 2 }, '/packet_type'],
      [{ payload: '' }, '/payload'],
      [{ fields: undefined }, '/fields'],
      [{ name: undefined }, '/name'],
    ];
    for (const [fault, pointer] of bad) {
      const answer = await service.request('POST', PACKETS, { ...ALICE, ...fault });
      expect([fault, answer.status, answer.body.errors[0].pointer]).toEqual([fault, 400, pointer]);
    }
  });

  it('is refused with CLUSTERER_DECODE=off, which passes bytes on as before', async () => {
    const service = await startService({ CLUSTERER_DECODE: 'off' });
    await service.provision(1, 2, 'udp:127.0.0.2');
    const answer = await service.request('POST', PACKETS, ALICE);
    expect([answer.status, answer.body.code]).toEqual([400, 'decode_not_supported']);
    expect((await service.request('POST', PACKETS, { module: 'ul', packet_type: 2 })).status).toBe(200);
  });
});
