import { decodePacket, type PacketDecoding, type PacketEvent } from '../../src/client/exports.js';
import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, MEMBER, startMember } from '../support/fleet/member.js';
import { AOR_INSERT, aorInsert, USRLOC } from '../support/fleet/payloads.js';
import { closeClientsAfterEach, connectClient, Recorder } from '../support/peers/client.js';
import { stopServicesAfterEach } from '../support/service/service.js';

closeClientsAfterEach();
stopServicesAfterEach();
endFleetAfterEach();

const DIALOG = 'dialog-dlg-repl';
const DIALOGS = ['first', 'second'].map((text) => Buffer.from(text));
const SUBPROTOCOLS = ['clusterer.v1', 'clusterer.v1.bin'] as const;

describe.each(SUBPROTOCOLS)('a module of a fleet on %s', (subprotocol) => {
  it('gets a sync, again when it asks, and then live packets, as the same events on both subprotocols', async () => {
    const data = { [DIALOG]: { version: 4, chunks: DIALOGS } };
    const member = await startMember(subprotocol === 'clusterer.v1' ? 100 : 101, [
      { id: 1, family: 'E', capabilities: { [DIALOG]: true }, data },
    ]);
    await linked(member);
    const client = await connectClient(member.service.httpUrl, { subprotocol });
    const events = new Recorder<unknown>();
    const registration = await client.registerModule(
      { module: 'dialog', timeout: 0, authCheck: true, clusterId: 1, sync: true },
      {
        packet: (event) => events.add(told(event)),
        syncStarted: ({ machine_id }) => events.add(['sync_started', machine_id]),
        syncEnded: ({ packets, complete }) => events.add(['sync_ended', packets, complete]),
      },
    );
    const sync = [
      ['sync_started', 1],
      ...DIALOGS.map((dialog) => [1, 1, '2.4', DIALOG, 1, 4, true, String(dialog)]),
      ['sync_ended', 2, true],
    ];
    await events.until((all) => all.length === sync.length);
    await registration.resync();
    await events.until((all) => all.length === 2 * sync.length);
    member.machine(1).send(MEMBER, { capability: DIALOG, version: 4, type: 3, body: Buffer.from('live') });
    await events.until((all) => all.length > 2 * sync.length);
    expect(events.all).toEqual([...sync, ...sync, [1, 1, '2.4', DIALOG, 3, 4, undefined, 'live']]);
  });

  it('decodes a packet, and says what does not fit', async () => {
    const member = await startMember(subprotocol === 'clusterer.v1' ? 112 : 113, [{ id: 1, family: 'E' }]);
    await linked(member);
    const client = await connectClient(member.service.httpUrl, { subprotocol });
    const decoded = new Recorder<PacketDecoding>();
    await client.registerModule(
      { module: 'ul', timeout: 0, authCheck: true, clusterId: 1 },
      { packet: (event) => decoded.add(decodePacket(event)) },
    );
    const packet = { capability: USRLOC, version: 3, type: AOR_INSERT };
    for (const body of [aorInsert('alice'), aorInsert('bob').subarray(0, -1)]) {
      member.machine(1).send(MEMBER, { ...packet, body });
    }
    expect(await decoded.first(2)).toEqual([
      {
        module: USRLOC,
        name: 'aor_insert',
        fields: { domain: 'location', aor: 'alice', label: 0, next_clabel: 0 },
      },
      { fault: expect.stringMatching(/^aor_insert: .* next_clabel .* at byte 19\b/) },
    ]);
  });
});

describe('a client of a fleet', () => {
  it('gives a sharing tag to a machine, reads it, hears of it, and releases it', async () => {
    const member = await startMember(118, [
      { id: 1, capabilities: { [DIALOG]: true } },
      { id: 2, capabilities: { [DIALOG]: true } },
    ]);
    await linked(member);
    const client = await connectClient(member.service.httpUrl, {});
    const changes = new Recorder<unknown>();
    await client.watch(
      { clusterId: 1 },
      {
        change: ({ method, params }) => {
          if (method === 'tag') changes.add([params.reason, params.owner, params.managed]);
        },
      },
    );
    const given = await client.setTag({ clusterId: 1, tag: 'vip', owner: 2, failover: [1], afterSeconds: 5 });
    expect(given).toMatchObject({ owner: 2, managed: true, failover: [1], after_seconds: 5 });
    expect(await client.tags({ clusterId: 1 })).toEqual([given]);
    await client.releaseTag({ clusterId: 1, tag: 'vip' });
    const unknown = client.setTag({ clusterId: 1, tag: 'vip', owner: 7 });
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_machine' });
    expect(await changes.first(3)).toEqual([
      ['operator', 2, true],
      ['announced', 2, true],
      ['operator', 2, false],
    ]);
  });

  it('sees who reaches whom and who has which capability, and sends MI commands and messages', async () => {
    const member = await startMember(158, [
      { id: 1, capabilities: { [DIALOG]: true } },
      { id: 2, capabilities: { [DIALOG]: true } },
    ]);
    await linked(member);
    const client = await connectClient(member.service.httpUrl, {});
    const machines = await client.topology({ clusterId: 1 });
    expect(machines.find(({ own }) => own)?.neighbours).toEqual([1, 2]);
    const dialog = (await client.capabilities({ clusterId: 1 })).find(({ name }) => name === DIALOG);
    expect(dialog?.machines).toContainEqual({ machine_id: 2, state: 'synced' });
    expect(await client.runMi({ clusterId: 1, command: 'dlg_list', params: ['x'], machineId: 2 })).toEqual([
      { machine_id: 2, sent: true },
    ]);
    expect(await client.sendMessage({ clusterId: 1, message: 'hello', tag: 'mine' })).toEqual({
      tag: 'mine',
      results: [
        { machine_id: 1, sent: true },
        { machine_id: 2, sent: true },
      ],
    });
    const refused = client.sendMessage({ clusterId: 1, message: 'hello', reply: true });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

function told({ cluster_id, machine_id, dialect, module, packet_type, version, sync, payload }: PacketEvent): unknown {
  return [cluster_id, machine_id, dialect, module, packet_type, version, sync, Buffer.from(payload).toString()];
}
