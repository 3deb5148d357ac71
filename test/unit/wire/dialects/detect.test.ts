import fc from 'fast-check';
import { DETECTION_BYTES, detect, releaseOf } from '../../../../src/wire/dialects/detect.js';
import { capturedPackets } from '../../../fixtures/captures.js';
import { packets24 } from '../../../fixtures/packets-24.js';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const detected = (frame: Buffer) => detect(frame, 0, frame.length);

/** A later header, with this capability. */
function later(capability: string): Buffer {
  const frame = Buffer.alloc(16 + capability.length);
  frame.write('P4CK');
  frame.writeUInt32LE(frame.length, 4);
  frame.writeUInt16LE(capability.length, 10);
  frame.write(capability, 12);
  return frame;
}

describe('detect', () => {
  it('finds 2.2 in every captured packet of 2.2, from 16 bytes', () => {
    for (const frame of [...capturedPackets('22-basic.hex'), ...capturedPackets('22-dialog.hex')]) {
      expect(detect(frame, 0, 16)).toBe('2.2');
    }
  });

  it('finds 2.2 despite garbage in the unused bytes', () => {
    expect(detected(bytes('5034434b1a00adde0100070002000000756c0100000001000000'))).toBe('2.2');
  });

  it('finds 2.4 in every captured packet of 2.4, from 16 bytes', () => {
    for (const { frame } of packets24()) expect(detect(frame, 0, 16)).toBe('2.4');
  });

  it.each(['clusterer', 'ul', 'dialog', 'ratelimit', 'drouting', 'load_balancer'])('finds 2.3 in %s', (capability) => {
    const frame = later(capability);
    expect(detected(frame)).toBe('2.3');
    expect(detect(frame, 0, Math.min(frame.length, DETECTION_BYTES))).toBe('2.3');
  });

  it('needs the whole capability when it begins like one of 2.3', () => {
    expect(detect(later('clusterer'), 0, 20)).toBe(0);
    expect(detect(later('clustererX'), 0, 16)).toBe('2.4');
    expect(detected(later('clusterex'))).toBe('2.4');
  });

  it.each([
    ['bad_marker', '5035'],
    ['bad_length', '5034434b0000'],
    ['bad_length', '5034434b1000'],
    ['bad_name_length', '5034434b2f0000000100000030000000'],
    ['bad_name_length', '5034434b2f00000001000000feffffff'],
    ['bad_name_length', '5034434b2f0000000100ffff61626364'],
  ])('reports %s', (fault, hex) => {
    expect(detected(bytes(hex))).toBe(fault);
  });

  it('says the same however few bytes there are', () => {
    const samples = [...packets24().map(({ frame }) => frame), ...capturedPackets('22-basic.hex'), later('dialog')];
    const streams = fc.oneof(
      fc.constantFrom(...samples),
      fc.uint8Array({ maxLength: 40 }).map((noise) => Buffer.concat([Buffer.from('P4CK'), noise])),
    );
    fc.assert(
      fc.property(streams, (stream) => {
        const whole = detected(stream);
        for (let known = 0; known < stream.length; known++) {
          const early = detect(stream, 0, known);
          if (early !== 0) expect(early).toBe(whole);
          else expect(known).toBeLessThan(DETECTION_BYTES);
        }
      }),
    );
  });

  it('names the releases for people', () => {
    expect(releaseOf('2.2')).toBe('OpenSIPS 2.2');
    expect(releaseOf('2.3')).toBe('OpenSIPS 2.3');
    expect(releaseOf('2.4')).toBe('OpenSIPS 2.4 or later');
  });
});
