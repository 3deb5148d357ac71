import { Versions } from '../../../../src/domain/fleet/versions.js';
import { ServiceError } from '../../../../src/ground/errors.js';
import type { Understood } from '../../../../src/service/calls/frames.js';
import { namedFrames22, namedFrames24 } from '../../../../src/service/calls/named-frames.js';
import type { NamedContent } from '../../../../src/service/calls/packet-forms.js';
import type { Family } from '../../../../src/wire/cluster/family.js';
import { V22 } from '../../../../src/wire/dialects/v22.js';
import { v24 } from '../../../../src/wire/dialects/v24.js';
import { allLayouts, layoutsOf } from '../../../../src/wire/modules/layouts.js';
import { decodePayload } from '../../../../src/wire/modules/payloads.js';
import { AOR_DELETE, aorDelete, USRLOC } from '../../../support/fleet/payloads.js';

const CLUSTER = 7;
const SENDER = 9;

const ALICE = { domain: 'location', aor: 'alice' };
const CONTACT = {
  ...ALICE,
  contact: 'sip:alice@10.0.0.1',
  contact_id: '4294967297',
  callid: 'c',
  user_agent: 'u',
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

function named(content: Partial<NamedContent> = {}): NamedContent {
  return { module: 'ul', name: 'aor_delete', fields: ALICE, version: null, ...content };
}

function peer(family: Family | null, version?: number): Understood {
  const versions = new Versions();
  if (version !== undefined) versions.saw(USRLOC, version);
  return { family, versions };
}

/** The packets for these machines; `layout` for those that get none. */
function sent(content: NamedContent, ...peers: readonly (Understood | null)[]) {
  const frameFor = namedFrames24(content, CLUSTER, SENDER, peers);
  return peers.map((one, i) => {
    const frame = frameFor(i + 1, one);
    if (frame === 'layout') return frame;
    const head = v24.decode(frame);
    if (head === 'too_short') throw new Error('no whole packet');
    const payload = frame.subarray(head.payloadOffset, head.payloadEnd);
    const { module, version, packetType, destination } = head;
    const decoded = decodePayload(
      layoutsOf({ dialect: '2.4', module, version, packetType, family: one?.family ?? null }),
      payload,
    );
    return { version, packetType, destination, payload, decoded };
  });
}

function refusal(make: () => unknown): { code: string; pointers: (string | undefined)[] } | null {
  try {
    make();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { code: error.code, pointers: (error.extra.errors ?? []).map(({ pointer }) => pointer) };
  }
  return null;
}

const invalid = (...pointers: readonly string[]) => ({ code: 'invalid_input', pointers });

describe('a packet by name for a fleet', () => {
  it('has the bytes of its fields, under the name of 2.2 or the capability', () => {
    for (const module of ['ul', USRLOC]) {
      expect(sent(named({ module }), peer('E'))).toMatchObject([
        { packetType: AOR_DELETE, destination: 1, payload: aorDelete('alice') },
      ]);
    }
  });

  it('is for each machine what its version says', () => {
    const contact = named({ name: 'contact_insert', fields: CONTACT });
    const packets = sent(contact, peer('C2'), peer('D1'), peer('E', 5));
    expect(packets).toMatchObject([
      { version: 2, decoded: { name: 'contact_insert', fields: { cflags: 0, aor: 'alice' } } },
      { version: 3, decoded: { name: 'contact_insert', fields: { ctmatch: { mode: -1 }, cflags: 0 } } },
      { version: 5, decoded: { name: 'contact_insert', fields: { cflags: [] } } },
    ]);
  });

  it('goes in the version that it names', () => {
    expect(sent(named({ version: 1 }), peer('E', 5))).toMatchObject([{ version: 1 }]);
  });

  it('does not go to a machine whose version lacks a name in it', () => {
    const contact = named({ name: 'contact_insert', fields: { ...CONTACT, cflags: ['NAT'] } });
    expect(sent(contact, peer('C2'), peer('E', 5))).toMatchObject(['layout', { version: 5 }]);
  });

  it('does not go to a machine whose family is unknown where families read it differently', () => {
    const pipe = { pipe: 'p', algo: 1, limit: 2, counter: 3 };
    const pipes = named({ module: 'ratelimit', name: 'pipe_counter', fields: { pipes: [pipe] } });
    expect(sent(pipes, peer('D1'), peer(null))).toMatchObject([{ decoded: { fields: { pipes: [pipe] } } }, 'layout']);
  });

  it('does not go to a machine that has changed its version since the call', () => {
    const frameFor = namedFrames24(named(), CLUSTER, SENDER, [peer('E')]);
    expect(frameFor(1, peer('E', 5))).toBe('layout');
  });

  it.each<[string, Partial<NamedContent>, readonly string[]]>([
    ['an unknown field', { fields: { ...ALICE, contct: 1 } }, ['/fields/contct']],
    ['a missing field', { fields: { domain: 'location' } }, ['/fields/aor']],
    ['a field of a wrong type', { fields: { domain: 1, aor: 'alice' } }, ['/fields/domain']],
    ['several faults', { fields: { dmain: 'location' } }, ['/fields/dmain', '/fields/domain', '/fields/aor']],
    ['an unknown name', { name: 'aor_remove' }, ['/name']],
    ['a version without the packet', { version: 99 }, ['/version']],
    ['a module without layouts', { module: 'tm-repl' }, ['/module']],
  ])('is refused for %s, with or without machines', (_, content, pointers) => {
    expect(refusal(() => sent(named(content), peer('E')))).toEqual(invalid(...pointers));
    expect(refusal(() => sent(named(content)))).toEqual(invalid(...pointers));
  });

  it('is refused for a field that one of the machines needs', () => {
    const insert = named({ name: 'aor_insert' });
    expect(refusal(() => sent(insert, null))).toBeNull();
    expect(refusal(() => sent(insert, null, peer('E')))).toEqual(invalid('/fields/label', '/fields/next_clabel'));
  });

  it('is refused for a name that no version has', () => {
    const contact = named({ name: 'contact_insert', fields: { ...CONTACT, methods: ['INVTE'] } });
    expect(refusal(() => sent(contact, peer('E')))).toEqual(invalid('/fields/methods'));
  });

  it('is refused with as many faults as a request may have fields', () => {
    const pipes = Array.from({ length: 10_000 }, () => ({ pipe: 1 }));
    const refused = refusal(() => sent(named({ module: 'ratelimit', name: 'pipe_counter', fields: { pipes } })));
    expect(refused?.pointers).toHaveLength(64);
  });

  it('is refused for a text that no length can count', () => {
    const long = named({ fields: { ...ALICE, aor: 'a'.repeat(70_000) } });
    expect(refusal(() => sent(long, peer('E')))).toMatchObject({
      code: expect.stringMatching(/^(payload_too_long|invalid_input)$/),
    });
  });

  it('is refused if it is too long, or its module is reserved', () => {
    const long = named({ fields: { ...ALICE, aor: 'a'.repeat(65_520) } });
    expect(refusal(() => sent(long, peer('E')))).toEqual({ code: 'payload_too_long', pointers: ['/fields'] });
    expect(refusal(() => sent(named({ module: 'clusterer-internal' })))).toMatchObject({ code: 'module_reserved' });
  });
});

describe('any JSON in any field', () => {
  const VALUES = [
    null,
    true,
    -1,
    0.5,
    2 ** 40,
    '',
    'x',
    [],
    [null],
    ['x', 1],
    [[]],
    [{}],
    {},
    { base64: '!' },
    { base64: 'eA==' },
  ];

  it('is written or refused as invalid input, for every packet', () => {
    const codes: (string | undefined)[] = [];
    const packets = new Map(
      allLayouts().map((layout) => [`${layout.dialect} ${layout.module} ${layout.name}`, layout]),
    );
    for (const { dialect, module, name, versions, fields } of packets.values()) {
      const version = versions[0] ?? 1;
      for (const { name: field } of fields) {
        for (const value of VALUES) {
          const packet = { module, name, version, fields: { [field]: value, [`${field}_raw`]: value } };
          const make = () => (dialect === '2.2' ? namedFrames22(packet, SENDER) : sent(packet, peer('E'), peer(null)));
          codes.push(refusal(make)?.code);
        }
      }
    }
    expect(codes.filter((code) => code !== 'invalid_input' && code !== undefined)).toEqual([]);
    expect(codes.filter((code) => code !== undefined).length).toBeGreaterThan(1_000);
  });
});

describe('a packet by name for machines of 2.2', () => {
  it('has strings with lengths of four bytes', () => {
    const frame = namedFrames22(named(), SENDER)(2, null) as Buffer;
    expect(V22.decode(frame)).toMatchObject({ module: 'ul', packetType: 2, version: 1, machineId: SENDER });
    expect(frame.subarray(26).toString('latin1')).toBe('\u0008\0\0\0location\u0005\0\0\0alice');
  });

  it('leaves out the fields that only later releases have', () => {
    const content = named({ name: 'aor_insert', fields: { ...ALICE, label: 1, next_clabel: 2 } });
    expect(namedFrames22(content, SENDER)(2, null)).toHaveLength(26 + 4 + 8 + 4 + 5);
  });

  it.each<[string, Partial<NamedContent>, string]>([
    ['a field', { fields: { ...ALICE, other: 1 } }, '/fields/other'],
    ['the name', { name: 'none' }, '/name'],
    ['the version', { version: 2 }, '/version'],
    ['a module that is a capability', { module: USRLOC }, '/module'],
  ])('is refused for %s', (_, content, pointer) => {
    expect(refusal(() => namedFrames22(named(content), SENDER))).toEqual(invalid(pointer));
  });
});
