import type { PacketFields } from '../../../src/wire/modules/decoded.js';
import { layoutsNamed, layoutsOf, versionsOf } from '../../../src/wire/modules/layouts.js';
import { decodePayload, encodePayload } from '../../../src/wire/modules/payloads.js';
import { safeVersion } from '../../../src/wire/modules/safe-version.js';
import { hasSync, liveOf } from '../../../src/wire/modules/sync.js';

const USRLOC = 'usrloc-contact-repl';

const contact = {
  domain: 'location',
  aor: 'alice',
  contact: 'sip:alice@192.0.2.1',
  contact_id: { hash: 58996, record_label: 4294967295, contact_label: 933, raw: '4151544800249627557' },
  callid: 'c1',
  user_agent: 'a phone',
  path: '',
  attr: '',
  received: '',
  instance: '',
  expires: 1795333603,
  q: 0.7,
  q_raw: 700,
  socket: 'udp:192.0.2.9:5060',
  cseq: 1,
  flags: 0,
  cflags: ['NAT', 'SIP'],
  methods: ['INVITE', 'BYE'],
  methods_raw: 9,
  last_modified: 1795333003,
  kv: '',
  ctmatch: { mode: 2, params: ['line', 'x'] },
} satisfies PacketFields<typeof USRLOC, 'contact_insert'>;

function insert(version: number, fields: Record<string, unknown>) {
  return encodePayload(layoutsNamed({ dialect: '2.4', module: USRLOC, version, name: 'contact_insert' }), fields);
}

/** What a machine reads. */
function again(version: number, fields: Record<string, unknown>): Readonly<Record<string, unknown>> {
  const packet = insert(version, fields);
  if (packet === null || 'faults' in packet) throw new Error(JSON.stringify(packet));
  const decoded = decodePayload([packet.layout], packet.payload);
  if ('fault' in decoded) throw new Error(decoded.fault);
  return decoded.fields;
}

function faultsOf(version: number, change: Record<string, unknown>): unknown {
  const packet = insert(version, { ...contact, ...change });
  return packet !== null && 'faults' in packet
    ? packet.faults.map(({ pointer, problem }) => [pointer, problem])
    : packet;
}

describe('fields of a contact', () => {
  it('are encoded by meaning', () => {
    const { raw: _raw, ...parts } = contact.contact_id;
    const { q_raw: _q, methods_raw: _methods, ...meaning } = contact;
    expect(again(5, { ...meaning, contact_id: parts })).toEqual(contact);
  });

  it('are encoded by raw value', () => {
    const { q: _q, methods: _methods, ...raw } = contact;
    expect(again(5, { ...raw, cflags: 'NAT SIP', contact_id: contact.contact_id.raw })).toEqual(contact);
  });

  it('may be left out where other versions do not have them', () => {
    const { kv: _kv, ctmatch: _ctmatch, ...older } = contact;
    expect(again(5, older)).toEqual({ ...contact, ctmatch: { mode: -1 } });
  });

  it('of later versions are ignored for earlier ones', () => {
    const { ctmatch: _ctmatch, ...second } = contact;
    expect(again(2, { ...contact, cflags: 3 })).toEqual({ ...second, cflags: 3 });
  });

  it('have bits without names only in the raw number', () => {
    expect(again(5, { ...contact, methods_raw: 9 + 65536 })).toMatchObject({
      methods: ['INVITE', 'BYE'],
      methods_raw: 65545,
    });
  });

  it('may have any priority that a machine has written', () => {
    for (const [q, q_raw] of [
      [0, 0],
      [1, 1000],
      [null, -1],
      [700, 700_000],
      [-0.002, -2],
    ]) {
      expect(again(5, { ...contact, q, q_raw })).toMatchObject({ q, q_raw });
      expect(again(5, { ...contact, q: undefined, q_raw })).toMatchObject({ q, q_raw });
    }
    for (const q of [0, 1, null]) expect(again(5, { ...contact, q, q_raw: undefined })).toMatchObject({ q });
  });

  it('may have any time, as text where a number is not exact', () => {
    expect(again(5, { ...contact, expires: '9223372036854775807' })).toMatchObject({ expires: '9223372036854775807' });
    expect(again(5, { ...contact, expires: -1 })).toMatchObject({ expires: -1 });
  });

  it.each([
    ['that no version has', 5, { colour: 'red' }, [['/colour', 'unknown']]],
    ['that are missing', 5, { aor: undefined }, [['/aor', 'missing']]],
    ['of a wrong type', 5, { cseq: '1' }, [['/cseq', 'wrong']]],
    ['that are too large', 5, { cseq: 2 ** 31 }, [['/cseq', 'wrong']]],
    ['that are not text', 5, { aor: '\ud800' }, [['/aor', 'wrong']]],
    ['that are not base64', 5, { aor: { base64: '%' } }, [['/aor', 'wrong']]],
    ['that are longer than a string can be', 5, { aor: 'x'.repeat(65_536) }, [['/aor', 'wrong']]],
    ['with unknown names', 5, { methods: ['DANCE'], methods_raw: undefined }, [['/methods', 'name']]],
    ['with names that the version does not have', 3, {}, [['/cflags', 'name']]],
    ['that are too large a priority', 5, { q: 700, q_raw: undefined }, [['/q', 'wrong']]],
    ['that are a priority below 0', 5, { q: -0.001, q_raw: undefined }, [['/q', 'wrong']]],
    ['that are no priority, beside the raw value of none', 5, { q: -0.001, q_raw: -1 }, [['/q', 'wrong']]],
    ['whose raw value says something else', 5, { q: 0.5 }, [['/q', 'wrong']]],
    [
      'whose parts say something else',
      5,
      { contact_id: { ...contact.contact_id, hash: 1 } },
      [['/contact_id', 'wrong']],
    ],
    ['in a group', 5, { ctmatch: { mode: 2, params: [1] } }, [['/ctmatch/params/0', 'wrong']]],
    ['that a condition excludes', 5, { ctmatch: { mode: 0, params: [] } }, [['/ctmatch/params', 'wrong']]],
  ])('%s are named', (_name, version, change, faults) => {
    expect(faultsOf(version, change)).toEqual(faults);
  });
});

describe('the layout of a packet', () => {
  const pipes = { pipes: [{ pipe: 'p', algo: 1, limit: 5, counter: 2, flags: ['bin'] }] };
  const ratelimit = { dialect: '2.4', module: 'ratelimit-pipe-repl', version: 1, name: 'pipe_counter' } as const;

  it('of pipes follows from the family of the machine', () => {
    const before = encodePayload(layoutsNamed({ ...ratelimit, family: 'D2' }), pipes);
    const since = encodePayload(layoutsNamed({ ...ratelimit, family: 'E' }), pipes);
    if (before === null || 'faults' in before || since === null || 'faults' in since) throw new Error('must encode');
    expect([before.payload.length, since.payload.length]).toEqual([15, 19]);
    expect(decodePayload(layoutsOf({ ...ratelimit, packetType: 0 }), before.payload)).toMatchObject({
      fields: { pipes: [{ pipe: 'p', algo: 1, limit: 5, counter: 2 }] },
    });
  });

  it('is the one that fits, if releases differ within a version', () => {
    const tag = Uint8Array.from([3, 0, 118, 105, 112]);
    const layouts = layoutsOf({ dialect: '2.4', module: 'dialog-dlg-repl', version: 1, packetType: 4 });
    expect(decodePayload(layouts, tag)).toMatchObject({ name: 'sharing_tag_active', fields: { tag: 'vip' } });
  });

  it('does not exist for tm, unknown versions and unknown types', () => {
    const missing = [
      layoutsOf({ dialect: '2.4', module: 'tm-repl', version: 0, packetType: 1 }),
      layoutsOf({ dialect: '2.4', module: USRLOC, version: 6, packetType: 3 }),
      layoutsOf({ dialect: '2.2', module: USRLOC, version: 1, packetType: 3 }),
      layoutsOf({ dialect: '2.4', module: USRLOC, version: 5, packetType: 9 }),
    ];
    expect(missing).toEqual([[], [], [], []]);
    expect(encodePayload([], {})).toBeNull();
    expect(decodePayload([], new Uint8Array())).toHaveProperty('fault');
  });

  it('holds for any version where daemons do not check it', () => {
    expect(layoutsOf({ ...ratelimit, version: 7, packetType: 0, family: 'E' })).toHaveLength(1);
  });

  it('has versions, and one that is safe to send first', () => {
    expect(versionsOf('2.4', USRLOC)).toEqual([1, 2, 3, 4, 5]);
    expect(versionsOf('2.4', 'tm-repl')).toEqual([]);
    expect([safeVersion(USRLOC, 'C2'), safeVersion(USRLOC, 'E'), safeVersion('dialog-dlg-repl', 'C3')]).toEqual([
      2, 3, 4,
    ]);
    expect(safeVersion('pua', 'E')).toBe(1);
  });
});

describe('a chunk of a sync', () => {
  it('of drouting is a gateway or a carrier', () => {
    const fields = Uint8Array.from([9]);
    expect(liveOf('drouting-status-repl', Uint8Array.from([1, 0, 0, 0, 9]))).toEqual({
      packetType: 1,
      payload: fields,
    });
    expect(liveOf('drouting-status-repl', Uint8Array.from([0, 0, 0, 0, 9]))).toEqual({
      packetType: 2,
      payload: fields,
    });
    expect(liveOf('drouting-status-repl', fields)).toBeNull();
  });

  it.each([
    [1, { type: 1, state: ['inactive'] }],
    [0, { type: 0, state: ['inactive', 'probing'] }],
  ])('of dispatcher with state %d sets or clears bits', (state, expected) => {
    const chunk = Uint8Array.from([1, 0, 112, 7, 0, 0, 0, 1, 0, 97, state, 0, 0, 0]);
    const live = liveOf('dispatcher-status-repl', chunk);
    if (live === null) throw new Error('must be a packet');
    const layouts = layoutsOf({
      dialect: '2.4',
      module: 'dispatcher-status-repl',
      version: 1,
      packetType: live.packetType,
    });
    expect(decodePayload(layouts, live.payload)).toMatchObject({
      name: 'destination_status',
      fields: { partition: 'p', group: 7, address: 'a', ...expected },
    });
    expect(liveOf('dispatcher-status-repl', chunk.subarray(1))).toBeNull();
  });

  it('does not exist for ratelimit', () => {
    expect([hasSync('ratelimit-pipe-repl'), liveOf('ratelimit-pipe-repl', new Uint8Array(4))]).toEqual([false, null]);
  });
});
