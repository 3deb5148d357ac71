import fc from 'fast-check';
import type { Dialect, PacketContent, PacketRoute } from '../../../../src/wire/dialects/dialect.js';
import { V22 } from '../../../../src/wire/dialects/v22.js';
import { v24 } from '../../../../src/wire/dialects/v24.js';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
/** With these names, a packet of 2.4 is taken for one of 2.3. */
const MODULES_OF_23 = ['clusterer', 'ul', 'dialog', 'ratelimit', 'drouting', 'load_balancer'];
const contents: fc.Arbitrary<PacketContent> = fc.record({
  module: fc.stringMatching(/^[a-z][a-z0-9_-]{0,30}$/).filter((name) => !MODULES_OF_23.includes(name)),
  packetType: int32,
  version: fc.integer({ min: 0, max: 0xffff }),
  payload: fc.uint8Array({ maxLength: 300 }),
});
const routes: fc.Arbitrary<PacketRoute> = fc.record({ clusterId: int32, machineId: int32, destination: fc.nat() });

/** Every dialect passes this suite. */
const DIALECTS: readonly Dialect[] = [V22, v24];

describe.each(DIALECTS)('dialect $id', (dialect) => {
  const encoded = (content: PacketContent, route: PacketRoute) => dialect.encode(content, route) as Buffer;

  function sameOrigin(one: Buffer, other: Buffer): boolean {
    const both = Buffer.concat([one, other]);
    const view = new DataView(both.buffer, both.byteOffset, both.length);
    return dialect.sameOrigin(view, 0, one.length, one.length, both.length);
  }

  it('measures and decodes what it encodes', () => {
    fc.assert(
      fc.property(contents, routes, (content, route) => {
        const frame = encoded(content, route);
        expect(dialect.measure(frame, 0, frame.length)).toBe(frame.length);
        const head = dialect.decode(frame);
        if (head === 'too_short') throw new Error('a whole packet was expected');
        const { module, packetType, version } = content;
        expect(head).toMatchObject({ dialect: dialect.id, module, packetType, version, machineId: route.machineId });
        expect(head.clusterId ?? route.clusterId).toBe(route.clusterId);
        expect(head.destination ?? route.destination).toBe(route.destination);
        expect(Buffer.compare(frame.subarray(head.payloadOffset, head.payloadEnd), content.payload)).toBe(0);
      }),
    );
  });

  it('never changes its mind about a length when more bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (noise, marked) => {
        const bytes = Buffer.concat([marked ? Buffer.from('P4CK') : Buffer.alloc(0), noise]);
        const whole = dialect.measure(bytes, 0, bytes.length);
        for (let known = 0; known < bytes.length; known++) {
          const early = dialect.measure(bytes, 0, known);
          if (early !== 0) expect(early).toBe(whole);
        }
      }),
    );
  });

  it('decodes any frame that it measures, without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 22, maxLength: 60 }), fc.nat(40), (noise, nameLength) => {
        const frame = Buffer.from(noise);
        frame.write('P4CK');
        frame.writeUInt32LE(frame.length, 4);
        if (dialect.id === '2.2') frame.writeInt32LE(nameLength, 12);
        else frame.writeUInt16LE(nameLength, 10);
        if (dialect.measure(frame, 0, frame.length) === frame.length) expect(dialect.decode(frame)).toBeTruthy();
      }),
    );
  });

  it('finds the same origin whatever type, version and payload', () => {
    fc.assert(
      fc.property(contents, contents, routes, (one, other, route) => {
        const second = { ...other, module: one.module };
        expect(sameOrigin(encoded(one, route), encoded(second, route))).toBe(true);
      }),
    );
  });

  it('finds another origin when module or machine differ', () => {
    fc.assert(
      fc.property(contents, routes, int32, (content, route, machineId) => {
        const frame = encoded(content, route);
        const longer = { ...content, module: `${content.module}x` };
        const changed = { ...content, module: `Q${content.module.slice(1)}` };
        expect(sameOrigin(frame, encoded(longer, route))).toBe(false);
        expect(sameOrigin(frame, encoded(changed, route))).toBe(false);
        const same = machineId === route.machineId;
        expect(sameOrigin(frame, encoded(content, { ...route, machineId }))).toBe(same);
      }),
    );
  });

  it('writes no packet that is too long', () => {
    const content = { module: 'tm-repl', packetType: 1, version: 1, payload: new Uint8Array(65_535) };
    expect(dialect.encode(content, { clusterId: 1, machineId: 1, destination: 2 })).toBe('too_long');
  });

  it('rejects numbers that do not fit', () => {
    const content = { module: 'tm-repl', packetType: 2 ** 31, version: 1, payload: new Uint8Array() };
    expect(() => dialect.encode(content, { clusterId: 1, machineId: 1, destination: 2 })).toThrow('out of range');
  });

  it.each([
    ['bad_marker', '5034434c'],
    ['bad_length', '5034434b0000'],
    ['bad_length', '5034434b1000'],
  ])('reports %s as soon as it is visible', (fault, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(dialect.measure(bytes, 0, bytes.length)).toBe(fault);
  });
});
