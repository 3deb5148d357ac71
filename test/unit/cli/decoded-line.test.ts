import { decodedLine } from '../../../src/cli/decoded-line.js';
import type { PacketEvent } from '../../../src/client/exports.js';
import { layoutsNamed } from '../../../src/wire/modules/layouts.js';
import { encodePayload } from '../../../src/wire/modules/payloads.js';
import { capturedPayloads } from '../../fixtures/payloads.js';

type Printed = Omit<PacketEvent, 'registration'>;

const NOW = 1_795_330_000_000;

function packet(fields: Partial<Printed>): Printed {
  return {
    seq: 1,
    cluster_id: 1,
    machine_id: 2,
    dialect: '2.4',
    module: 'ul',
    protocol: 'bin',
    packet_type: 1,
    version: 1,
    source: '127.0.0.2:4711',
    received_at: NOW,
    payload: new Uint8Array(),
    ...fields,
  };
}

/** The line of a packet that has these fields, after the machine. */
function lineOf(module: string, name: string, fields: Readonly<Record<string, unknown>>, version = 1): string {
  const encoded = encodePayload(layoutsNamed({ dialect: '2.4', module, version, name }), fields);
  if (encoded === null || 'faults' in encoded) throw new Error(JSON.stringify(encoded));
  const { payload, packetType } = encoded;
  return decodedLine(packet({ module, version, packet_type: packetType, payload }), NOW).replace('machine 2  ', '');
}

function captured(packetType: number, change: Partial<Printed> = {}): Printed {
  const found = capturedPayloads().find((it) => it.module === 'ul' && it.packetType === packetType);
  return packet({ dialect: '2.2', packet_type: packetType, payload: found?.payload ?? new Uint8Array(), ...change });
}

describe('a decoded packet as a line', () => {
  it('says whose contact is where, and for how long', () => {
    const line = (now: number) => decodedLine(captured(3), now);
    const contact = 'machine 2  contact_insert  alice  sip:alice@127.0.0.9:6000';
    expect(line(NOW)).toBe(`${contact}  expires in 3603 s`);
    expect(line(NOW + 3_602_001)).toBe(`${contact}  expires in 1 s`);
    expect(line(NOW + 3_603_000)).toBe(`${contact}  expired`);
    expect(decodedLine(captured(1), NOW)).toBe('machine 2  aor_insert  alice');
    expect(decodedLine(captured(5), NOW)).toBe('machine 2  contact_delete  alice  sip:alice@127.0.0.9:6000');
  });

  it.each([
    [
      'dispatcher-status-repl',
      'destination_status',
      { partition: 'default', group: 7, address: '192.0.2.7', type: 0, state: ['inactive'] },
      'destination_status  group 7  192.0.2.7  clears inactive',
    ],
    [
      'load_balancer-status-repl',
      'destination_status',
      { group: 7, uri: 'sip:192.0.2.7', flags: [] },
      'destination_status  group 7  sip:192.0.2.7  none',
    ],
    [
      'drouting-status-repl',
      'gateway_status',
      { partition: 'default', gw_id: 'gw1', flags: ['disabled', 'no_auto_enable'] },
      'gateway_status  gw1  disabled, no_auto_enable',
    ],
    [
      'cachedb-local-repl',
      'insert',
      { collection: 'default', attr: 'key', value: 'secret', expires: 0 },
      'insert  default  key  never expires',
    ],
    [
      'ratelimit-pipe-repl',
      'pipe_counter',
      { pipes: [{ pipe: 'p', flags: [], algo: 1, limit: 9, counter: 3 }] },
      'pipe_counter  p 3 of 9',
    ],
    [
      'dialog-prof-repl',
      'profiles',
      {
        profiles: [
          { name: 'calls', has_value: 1, value: 'alice', count: 2 },
          { name: 'all', has_value: 0, count: 5 },
        ],
      },
      'profiles  calls=alice 2  all 5',
    ],
  ])('tells what changed in %s', (module, name, fields, line) => {
    expect(lineOf(module, name, fields)).toBe(line);
  });

  it('exists for every captured packet', () => {
    for (const { dialect, module, version, packetType, payload } of capturedPayloads()) {
      if (packetType === 'sync') continue;
      const line = decodedLine(packet({ dialect, module, version, packet_type: packetType, payload }), NOW);
      expect(line).toMatch(/^machine 2 {2}[a-z_]+( {2}|$)/);
      expect(line).not.toMatch(/ at byte |undefined|\[object/);
    }
  });

  it('of bytes that are not UTF-8 has them as base64', () => {
    const payload = Uint8Array.from([1, 0, 0, 0, 0x6c, 1, 0, 0, 0, 0xff]);
    expect(decodedLine(captured(1, { payload }), NOW)).toBe('machine 2  aor_insert  base64:/w==');
  });

  it('is the raw line where there is no table, and ends with the fault where the table does not fit', () => {
    const payload = new TextEncoder().encode('hello');
    const raw = '127.0.0.2:4711  5 bytes  "hello"';
    expect(decodedLine(packet({ module: 'tm-repl', payload }), NOW)).toBe(`machine 2  tm-repl  type 1  ${raw}`);
    const fault = decodedLine(captured(3, { payload }), NOW);
    expect(fault).toMatch(/^machine 2 {2}ul {2}type 3 {2}.* {2}"hello" {2}contact_insert: .* at byte \d+/);
  });
});
