import { Versions } from '../../../../src/domain/fleet/versions.js';
import { ServiceError } from '../../../../src/ground/errors.js';
import { frames22, frames24, type OutgoingContent } from '../../../../src/service/calls/frames.js';
import { refusal } from '../../../../src/wire/cluster/dangers.js';
import { FAMILIES, type Family } from '../../../../src/wire/cluster/family.js';
import { V22 } from '../../../../src/wire/dialects/v22.js';
import { v24 } from '../../../../src/wire/dialects/v24.js';
import { AOR_DELETE, AOR_INSERT, aorDelete, aorInsert, USRLOC } from '../../../support/fleet/payloads.js';

const CLUSTER = 7;
const SENDER = 9;

function packet(fields: Partial<OutgoingContent> = {}): OutgoingContent {
  return { module: USRLOC, packetType: AOR_DELETE, version: null, payload: aorDelete('alice'), ...fields };
}

/** A machine of a family that has sent a packet of usrloc in this version. */
function peer(family: Family | null, version?: number) {
  const versions = new Versions();
  if (version !== undefined) versions.saw(USRLOC, version);
  return { family, versions };
}

/** What the bytes for machine 3 say, or `layout`. */
function said(content: OutgoingContent, to = peer('E')) {
  const frame = frames24(content, CLUSTER, SENDER)(3, to);
  if (frame === 'layout') return frame;
  const head = v24.decode(frame);
  if (head === 'too_short') return head;
  const { payloadOffset, payloadEnd, ...rest } = head;
  return { ...rest, payload: frame.subarray(payloadOffset, payloadEnd) };
}

function refusedBy(make: () => unknown): { code: string; pointer: string | undefined } | null {
  try {
    make();
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, pointer: error.extra.errors?.[0]?.pointer };
    throw error;
  }
  return null;
}

describe('a packet of dialect 2.4', () => {
  it('names its cluster, its sender, and the machine it is for', () => {
    expect(said(packet())).toEqual({
      dialect: '2.4',
      clusterId: CLUSTER,
      module: USRLOC,
      packetType: AOR_DELETE,
      version: 3,
      machineId: SENDER,
      destination: 3,
      payload: aorDelete('alice'),
    });
  });

  it('takes the name of 2.2 for the capability that stands for it', () => {
    expect(said(packet({ module: 'ul' }))).toMatchObject({ module: USRLOC });
  });

  it.each<[string, Partial<OutgoingContent>, ReturnType<typeof peer>, number]>([
    ['that it names', { version: 4 }, peer('E', 5), 4],
    ['that the machine sent last', {}, peer('E', 5), 5],
    ['of the family of the machine', {}, peer('C2'), 2],
    ['1 when nothing is known', {}, peer(null), 1],
    ['1 for a module without tables', { module: 'mine', payload: Buffer.of(1) }, peer('E', 5), 1],
  ])('has the version %s', (_, fields, to, version) => {
    expect(said(packet(fields), to)).toMatchObject({ version });
  });

  it('does not go to a machine whose version has other fields', () => {
    const insert = packet({ packetType: AOR_INSERT, payload: aorInsert('alice') });
    const frameFor = frames24(insert, CLUSTER, SENDER);
    expect(frameFor(1, peer('E', 5))).toBe('layout');
    expect(frameFor(2, peer('E', 3))).toBeInstanceOf(Buffer);
    expect(frameFor(3, peer(null))).toBe('layout');
    expect(frameFor(4, peer('C2'))).toBeInstanceOf(Buffer);
  });

  it('does not go out in a version that has no table', () => {
    expect(said(packet({ version: 6 }))).toBe('layout');
  });

  it('is checked against the fields of the family of the machine', () => {
    const pipe = Buffer.concat([Buffer.of(1, 0), Buffer.from('p')]);
    const upTo32 = { module: 'ratelimit', packetType: 0, payload: Buffer.concat([pipe, Buffer.alloc(12)]) };
    const refused = [null, ...FAMILIES].filter((family) => said(packet(upTo32), peer(family)) === 'layout');
    expect(refused).toEqual([null, 'E']);
  });

  it('may have 65,515 bytes, and not one more', () => {
    const room = 65_515 - 28 - 'mine'.length;
    const longest = packet({ module: 'mine', payload: Buffer.alloc(room) });
    expect(frames24(longest, CLUSTER, SENDER)(3, null)).toHaveLength(65_515);
    const longer = packet({ module: 'mine', payload: Buffer.alloc(room + 1) });
    expect(refusedBy(() => frames24(longer, CLUSTER, SENDER))).toEqual({
      code: 'payload_too_long',
      pointer: '/payload',
    });
  });

  it.each<[string, Partial<OutgoingContent>, string, string]>([
    ['that is cut short', { payload: aorDelete('alice').subarray(0, -1) }, 'invalid_input', '/payload'],
    [
      'with a byte too many',
      { payload: Buffer.concat([aorDelete('alice'), Buffer.of(0)]) },
      'invalid_input',
      '/payload',
    ],
    ['of a type that the capability does not have', { packetType: 99 }, 'invalid_input', '/payload'],
    ['of links', { module: 'clusterer-internal' }, 'module_reserved', '/module'],
    ['of sync', { module: 'clusterer-extra' }, 'module_reserved', '/module'],
    ['of 2.3', { module: 'clusterer' }, 'module_reserved', '/module'],
    ['of another name that begins so', { module: 'clusterer-of-mine' }, 'module_reserved', '/module'],
    ['that a reader takes for one of 2.3', { module: 'drouting' }, 'invalid_input', '/module'],
    ['without a name', { module: '' }, 'invalid_input', '/module'],
    ['with a name that is too long', { module: 'x'.repeat(256) }, 'invalid_input', '/module'],
    ['with a blank in its name', { module: 'a b' }, 'invalid_input', '/module'],
    ['with a zero in its name', { module: 'a\0b' }, 'invalid_input', '/module'],
    ['with a name that is no ASCII', { module: 'é' }, 'invalid_input', '/module'],
  ])('%s is refused', (_, fields, code, pointer) => {
    expect(refusedBy(() => frames24(packet(fields), CLUSTER, SENDER))).toEqual({ code, pointer });
  });

  it('harms no daemon, whatever a caller gives', () => {
    const modules = ['ul', USRLOC, 'mine', '~', 'drouting', 'clusterer-extra', 'CLUSTERER', 'x'.repeat(255), '\0', 'é'];
    const payloads = [0, 1, 2, 3, 4, 11, 12, 65_000, 65_515].map((length) => Buffer.alloc(length, 0xc0));
    let sent = 0;
    for (const module of modules) {
      for (const payload of payloads) {
        for (const packetType of [-(2 ** 31), 0, 1, 13, 2 ** 31 - 1]) {
          const content = packet({ module, payload, packetType, version: 0xffff });
          if (refusedBy(() => frames24(content, CLUSTER, SENDER)) !== null) continue;
          const frame = frames24(content, CLUSTER, SENDER)(2 ** 31 - 1, peer(null));
          if (frame === 'layout') continue;
          for (const family of FAMILIES) expect(refusal(frame, family)).toBeNull();
          sent++;
        }
      }
    }
    expect(sent).toBeGreaterThan(100);
  });
});

describe('a packet of dialect 2.2', () => {
  it('has the same bytes for all machines, and version 1 unless it names another', () => {
    const frameFor = frames22(packet({ module: 'ul' }), SENDER);
    const frame = frameFor(1, null);
    expect(frameFor(2, null)).toBe(frame);
    expect(V22.decode(frame as Buffer)).toMatchObject({ module: 'ul', version: 1, machineId: SENDER });
    expect(V22.decode(frames22(packet({ version: 5 }), SENDER)(1, null) as Buffer)).toMatchObject({ version: 5 });
  });

  it('may have any bytes as its payload, and a name of the fleet', () => {
    const content = packet({ module: 'clusterer-extra', payload: Buffer.of(1) });
    expect(frames22(content, SENDER)(1, null)).toBeInstanceOf(Buffer);
  });
});
