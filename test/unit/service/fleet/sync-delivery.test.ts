import type { Notification } from '../../../../src/domain/reception.js';
import { ClusterTable, MachineCell } from '../../../../src/domain/table.js';
import { SyncDelivery } from '../../../../src/service/fleet/sync-delivery.js';
import { joined } from '../../../../src/wire/frame-run.js';
import { layoutsOf } from '../../../../src/wire/modules/layouts.js';
import { decodePayload } from '../../../../src/wire/modules/payloads.js';
import { fleetMachine, OWN_ID } from '../../../support/engine/fleet-engine.js';
import { fleetRun } from '../../../support/peers/runs.js';

const NOW = { monotonicMs: 5, unixMs: 1_000 };
const DIALOG = 'dialog-dlg-repl';
const USRLOC = 'usrloc-contact-repl';
const SYNC = { clusterId: 1, capability: DIALOG, registrations: [1, 2] };
const CHUNK = { ...SYNC, type: 'sync_packet', machineId: 2, dataVersion: 4, chunk: Buffer.from('a dialog') } as const;
const ENDED = { ...SYNC, type: 'sync_ended', machineId: 2, packets: 9, complete: true, reason: null } as const;

/** Fields on the wire: numbers, texts, and bytes with their length. */
function bytes(...fields: readonly (number | string | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      if (typeof field === 'number') return [Buffer.from(Int32Array.of(field).buffer)];
      return [Buffer.from(Uint16Array.of(field.length).buffer), Buffer.from(field)];
    }),
  );
}

const TIME = Buffer.alloc(8, 1);
const Q = Buffer.alloc(4);
const CONTACT_240 = ['location', 'al', 'sip:al', 'c1', '', '', '', '', '', TIME, Q, '', 1, 0, 0, -1, TIME] as const;

/** What registrations get, by number. */
function start() {
  const table = new ClusterTable();
  const { lastAttempt, drain: _, ...machine } = fleetMachine();
  table.ensure(1).add(new MachineCell({ ...machine, lastAttempt: lastAttempt ?? 0, drain: null, enableAt: null }));
  const got = new Map<number, Notification[]>();
  const delivery = new SyncDelivery(table, OWN_ID, (number, notification) => {
    got.set(number, [...(got.get(number) ?? []), notification]);
  });
  return { delivery, got: (number: number) => got.get(number) ?? [] };
}

describe('a chunk of a sync', () => {
  it('is delivered to each registration as the live packet of its donor to this service', () => {
    const { delivery, got } = start();
    delivery.perform({ ...SYNC, type: 'sync_started', machineId: 2 }, NOW);
    delivery.perform(CHUNK, NOW);
    const head = { dialect: '2.4', clusterId: 1, machineId: 2, destination: OWN_ID, packetType: 1, version: 4 };
    for (const number of [1, 2]) {
      expect(got(number)).toMatchObject([
        { type: 'sync_started', machineId: 2 },
        { type: 'packets', isSync: true, receivedAt: 1_000, run: { head, source: { ip: '10.0.1.2', port: 5555 } } },
      ]);
    }
    const [, packets] = got(1);
    if (packets?.type !== 'packets') throw new Error('packets were expected');
    const { head: decoded } = packets.run;
    expect(joined(packets.run).subarray(decoded.payloadOffset, decoded.payloadEnd).toString()).toBe('a dialog');
  });

  it.each([
    // 19 empty texts and 9 integers.
    { shows: 'a dialog of 2.4', capability: DIALOG, chunk: Buffer.alloc(19 * 2 + 9 * 4), name: 'created' },
    // 4 more texts.
    { shows: 'a dialog of 3.0.0', capability: DIALOG, chunk: Buffer.alloc(23 * 2 + 9 * 4), name: 'created' },
    { shows: 'an address of record', capability: USRLOC, chunk: bytes(0, 'location', 'al'), name: 'aor_insert' },
    { shows: 'a contact of 2.4.0', capability: USRLOC, chunk: bytes(1, ...CONTACT_240), name: 'contact_insert' },
  ])('has version 1, in which it decodes, if its donor does not say one: $shows', ({ capability, chunk, name }) => {
    const { delivery, got } = start();
    delivery.perform({ ...CHUNK, capability, dataVersion: null, chunk }, NOW);
    const [packets] = got(1);
    if (packets?.type !== 'packets') throw new Error('packets were expected');
    const { head } = packets.run;
    const { module, version, packetType } = head;
    expect([module, version]).toEqual([capability, 1]);
    const layouts = layoutsOf({ dialect: '2.4', module, version, packetType });
    expect(decodePayload(layouts, joined(packets.run).subarray(head.payloadOffset, head.payloadEnd))).toMatchObject({
      name,
    });
  });

  it.each([
    { shows: 'stands for no packet', chunk: { capability: 'usrloc-contact-repl', chunk: Buffer.from('abc') } },
    { shows: 'has a version that no packet can have', chunk: { dataVersion: 65_536 } },
    { shows: 'has a negative version', chunk: { dataVersion: -1 } },
    { shows: 'is too long for a packet', chunk: { chunk: Buffer.alloc(65_500) } },
  ])('that $shows is not delivered, and the sync is not complete', ({ chunk }) => {
    const { delivery, got } = start();
    delivery.perform(CHUNK, NOW);
    delivery.perform({ ...CHUNK, ...chunk }, NOW);
    delivery.perform(ENDED, NOW);
    expect(got(1)).toMatchObject([
      { type: 'packets' },
      { type: 'sync_ended', machineId: 2, packets: 1, reason: 'unreadable' },
    ]);
  });
});

describe('the end of a sync', () => {
  it('counts what each registration got, and begins anew', () => {
    const { delivery, got } = start();
    delivery.perform(CHUNK, NOW);
    delivery.perform({ ...CHUNK, registrations: [1] }, NOW);
    delivery.perform({ ...ENDED, registrations: [1] }, NOW);
    delivery.perform({ ...ENDED, registrations: [1] }, NOW);
    const ends = got(1).filter(({ type }) => type === 'sync_ended');
    expect(ends).toMatchObject([
      { packets: 2, reason: null },
      { packets: 0, reason: null },
    ]);
  });

  it('says first why the fleet ended it', () => {
    const { delivery, got } = start();
    delivery.perform({ ...CHUNK, dataVersion: -1 }, NOW);
    delivery.perform({ ...ENDED, complete: false, reason: 'donor_lost' }, NOW);
    expect(got(1)).toMatchObject([{ type: 'sync_ended', reason: 'donor_lost' }]);
  });

  it('is followed by the live packets, for those that they waited for', () => {
    const { delivery, got } = start();
    const run = fleetRun();
    delivery.perform({ ...SYNC, type: 'sync_released', runs: [{ run, registrations: [2], receivedAt: 900 }] }, NOW);
    expect([got(1), got(2)]).toEqual([[], [{ type: 'packets', run, receivedAt: 900 }]]);
  });

  it('forgets a registration that has ended', () => {
    const { delivery, got } = start();
    delivery.perform(CHUNK, NOW);
    delivery.forget(1);
    delivery.perform(ENDED, NOW);
    expect(got(1).at(-1)).toMatchObject({ type: 'sync_ended', packets: 0 });
  });
});
