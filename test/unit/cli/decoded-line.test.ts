import { decodedLine as lineFor } from '../../../src/cli/decoded-line.js';
import type { PacketEvent } from '../../../src/client/exports.js';
import { allLayouts, layoutsNamed, layoutsOf } from '../../../src/wire/modules/layouts.js';
import { encodePayload, jsonDecoder } from '../../../src/wire/modules/payloads.js';
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

/** The line of a packet that the service has decoded, and in which it has hidden these fields. */
function decodedLine(event: Printed, now: number, ...redacted: readonly string[]): string {
  const layouts = layoutsOf({ ...event, packetType: event.packet_type });
  const result = jsonDecoder(new Set(redacted))(layouts, event.payload);
  const decoded =
    'json' in result ? { decoded: JSON.parse(result.json) } : { decoded: null, decode_fault: result.fault };
  if (redacted.length === 0) return lineFor({ ...event, ...decoded }, now);
  return lineFor({ ...event, ...decoded, payload: new Uint8Array(), redacted: true }, now);
}

/** The line of a packet that has these fields, after the machine. */
function lineOf(
  module: string,
  name: string,
  fields: Readonly<Record<string, unknown>>,
  version = 1,
  ...redacted: readonly string[]
): string {
  const encoded = encodePayload(layoutsNamed({ dialect: '2.4', module, version, name }), fields);
  if (encoded === null || 'faults' in encoded) throw new Error(JSON.stringify(encoded));
  const { payload, packetType } = encoded;
  const event = packet({ module, version, packet_type: packetType, payload });
  return decodedLine(event, NOW, ...redacted).replace('machine 2  ', '');
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

  it('says what is redacted, whichever field it is', () => {
    const names = new Set(allLayouts().flatMap(({ fields }) => fields.map((field) => field.name)));
    for (const { dialect, module, version, packetType, payload } of capturedPayloads()) {
      if (packetType === 'sync') continue;
      const event = packet({ dialect, module, version, packet_type: packetType, payload });
      for (const name of names) {
        expect(decodedLine(event, NOW, name)).not.toMatch(/undefined|NaN|\[object| at byte /);
      }
      expect(decodedLine(event, NOW, ...names)).toMatch(/^machine 2 {2}[a-z_]+( {2}|$)/);
    }
    const contact = 'machine 2  contact_insert  (redacted)  sip:alice@127.0.0.9:6000';
    expect(decodedLine(captured(3), NOW, 'aor', 'expires')).toBe(`${contact}  expires (redacted)`);
  });

  it.each([
    ['profiles', 'dialog-prof-repl', 'profiles', { profiles: [{ name: 'all', has_value: 0, count: 5 }] }],
    [
      'pipes',
      'ratelimit-pipe-repl',
      'pipe_counter',
      { pipes: [{ pipe: 'p', flags: [], algo: 1, limit: 9, counter: 3 }] },
    ],
  ])('shows a redacted list as redacted: %s', (field, module, name, fields) => {
    expect(lineOf(module, name, fields, 1, field)).toBe(`${name}  (redacted)`);
  });

  it('shows a redacted change of a destination as redacted', () => {
    const module = 'dispatcher-status-repl';
    const fields = { partition: 'default', group: 7, address: '192.0.2.7', type: 0, state: ['inactive'] };
    const line = lineOf(module, 'destination_status', fields, 1, 'type', 'state');
    expect(line).toBe('destination_status  group 7  192.0.2.7  (redacted) (redacted)');
  });

  it('shows no payload that would contain what is redacted', () => {
    const line = decodedLine(captured(3, { payload: new TextEncoder().encode('hello') }), NOW, 'aor');
    expect(line).toMatch(/^machine 2 {2}ul {2}type 3 {2}127\.0\.0\.2:4711 {2}\(redacted\) {2}contact_insert: /);
  });

  it('of bytes that are not UTF-8 has them as base64', () => {
    const payload = Uint8Array.from([1, 0, 0, 0, 0x6c, 1, 0, 0, 0, 0xff]);
    expect(decodedLine(captured(1, { payload }), NOW)).toBe('machine 2  aor_insert  base64:/w==');
  });

  it.each([
    ['packet', {}, 'contact_moved'],
    ['module', { module: 'tm' }, 'created'],
    ['version', { version: 9 }, 'contact_insert'],
  ])('has only machine and name if a newer service decoded it by a table for a %s unknown here', (_, change, name) => {
    const decoded = { name, fields: { aor: 'alice' } };
    expect(lineFor({ ...captured(3, change), decoded }, NOW)).toBe(`machine 2  ${name}`);
  });

  it('is the raw line where there is no table, and ends with the fault where the table does not fit', () => {
    const payload = new TextEncoder().encode('hello');
    const raw = '127.0.0.2:4711  5 bytes  "hello"';
    expect(decodedLine(packet({ module: 'tm-repl', payload }), NOW)).toBe(`machine 2  tm-repl  type 1  ${raw}`);
    const fault = decodedLine(captured(3, { payload }), NOW);
    expect(fault).toMatch(/^machine 2 {2}ul {2}type 3 {2}.* {2}"hello" {2}contact_insert: .* at byte \d+/);
  });
});
