import fc from 'fast-check';
import { refusal } from '../../src/wire/cluster/dangers.js';
import { decodeExtra, encodeExtra } from '../../src/wire/cluster/extra.js';
import { familiesOf } from '../../src/wire/cluster/families-of.js';
import { FAMILIES } from '../../src/wire/cluster/family.js';
import { isFault } from '../../src/wire/cluster/fault.js';
import { decodeInternal, encodeInternal } from '../../src/wire/cluster/internal.js';
import { relayed } from '../../src/wire/cluster/relay.js';
import { detect } from '../../src/wire/dialects/detect.js';
import { v24 } from '../../src/wire/dialects/v24.js';
import { packets24 } from '../fixtures/packets-24.js';
import { extraMessages, internalMessages } from '../support/peers/messages-24.js';

/** Captured packets with some bytes changed and their end cut off or extended; the length in the header is right. */
const damaged = fc
  .tuple(
    fc.constantFrom(...packets24()),
    fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 2, 127, 128, 129, 255), fc.nat(255))), { maxLength: 6 }),
    fc.integer({ min: -20, max: 8 }),
  )
  .map(([{ frame }, changes, extra]) => {
    const changed = Buffer.alloc(frame.length + extra);
    frame.copy(changed);
    const bodyAt = 16 + frame.readUInt16LE(10) - 4;
    for (const [at, value] of changes) changed[bodyAt + (at % (changed.length - bodyAt))] = value;
    changed.writeUInt32LE(changed.length, 4);
    return changed;
  });

describe.each(FAMILIES)('the messages of family %s', (family) => {
  it('of clusterer-internal are read as they were written, and are never a danger', () => {
    fc.assert(
      fc.property(internalMessages(family), (message) => {
        const frame = encodeInternal(message, family);
        if (isFault(frame)) {
          // Only a very short list of capabilities can look like one with a sequence.
          expect(frame.fault).toBe('ambiguous');
          return;
        }
        expect(decodeInternal(frame)).toEqual(message);
        expect(refusal(frame, family, () => true)).toBeNull();
        expect(familiesOf(frame)).toContain(family);
        expect(v24.measure(frame, 0, frame.length)).toBe(frame.length);
        expect(detect(frame, 0, frame.length)).toBe('2.4');
      }),
      { numRuns: 300 },
    );
  });

  it('of clusterer-extra are read as they were written, and are never a danger', () => {
    fc.assert(
      fc.property(extraMessages(family), (message) => {
        const frame = encodeExtra(message, family);
        if (isFault(frame)) throw new Error(`${frame.fault} ${frame.field}`);
        expect(decodeExtra(frame, family)).toEqual(message);
        expect(familiesOf(frame)).toContain(family);
        expect(refusal(frame, family)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('of clusterer-extra are told apart without knowing the family', () => {
    fc.assert(
      fc.property(extraMessages(family), (message) => {
        expect(decodeExtra(encodeExtra(message, family) as Buffer, null)).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  it('are announced as synced only by who has the data', () => {
    fc.assert(
      fc.property(internalMessages(family), fc.boolean(), (message, holds) => {
        fc.pre(message.type === 'capabilities' && message.path.length === 1);
        const frame = encodeInternal(message, family);
        if (message.type !== 'capabilities' || isFault(frame)) return;
        const own = message.nodes.filter(({ machineId }) => machineId === message.origin);
        const announces = own.some(({ capabilities }) => capabilities.some(({ isSynced }) => isSynced));
        const danger = refusal(frame, family, () => holds);
        expect(danger?.id ?? null).toBe(announces && !holds ? 'unheld_capability' : null);
      }),
    );
  });

  it('are flooded with a longer path and no other change', () => {
    fc.assert(
      fc.property(internalMessages(family), fc.integer({ min: 1, max: 1000 }), (message, machineId) => {
        const frame = encodeInternal(message, family);
        if (isFault(frame)) return;
        const onward = relayed(frame, machineId);
        if (!('path' in message) || message.path.includes(machineId)) {
          expect(onward).toBeNull();
          return;
        }
        const silent = message.type === 'capabilities' ? { wantsReply: false } : {};
        const path = [...message.path, machineId];
        expect(onward).toEqual(encodeInternal({ ...message, ...silent, path }, family));
      }),
    );
  });

  it('are read or reported as faulty whatever the bytes, with an offset within the packet', () => {
    fc.assert(
      fc.property(damaged, (frame) => {
        const results = [decodeInternal(frame), decodeExtra(frame, family), decodeExtra(frame, null)];
        for (const result of results) {
          if (isFault(result)) {
            expect(result.offset).toBeGreaterThanOrEqual(0);
            expect(result.offset).toBeLessThanOrEqual(frame.length);
          }
        }
        relayed(frame, 9);
        familiesOf(frame);
        refusal(frame, family);
      }),
      { numRuns: 500 },
    );
  });
});
