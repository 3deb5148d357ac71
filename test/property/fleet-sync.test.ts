import fc from 'fast-check';
import type { FleetEffect } from '../../src/domain/fleet/effects.js';
import { playSync, type SyncInput } from '../support/fleet/sync-run.js';

const anyChunk = fc.integer({ min: 0, max: 30 });
const anyInput: fc.Arbitrary<SyncInput> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('data' as const),
      donor: fc.constantFrom(2, 3, 4),
      chunks: fc.array(anyChunk, { maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('live' as const) }) },
  fc.record({ type: fc.constant('end' as const), donor: fc.constantFrom(2, 3, 4), count: fc.option(fc.nat(20)) }),
  fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  fc.record({ type: fc.constant('lost' as const), donor: fc.constantFrom(2, 3, 4) }),
);

function ofType<T extends FleetEffect['type']>(effects: readonly FleetEffect[], type: T) {
  return effects.filter((effect): effect is Extract<FleetEffect, { type: T }> => effect.type === type);
}

describe('a sync', () => {
  it('ends once with a reason, delivers no chunk of a donor twice, and loses no live packet', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 30 }), (inputs) => {
        const { effects, live } = playSync(inputs);
        const [ended, ...more] = ofType(effects, 'sync_ended');
        expect(more).toEqual([]);
        expect(ended?.complete).toBe(ended?.reason === null);
        const started = ofType(effects, 'sync_started').map(({ machineId }) => machineId);
        expect(started.length).toBeLessThanOrEqual(2);
        expect(new Set(started).size).toBe(started.length);
        const chunks = ofType(effects, 'sync_packet').map(({ machineId, chunk }) => `${machineId} ${chunk}`);
        expect(new Set(chunks).size).toBe(chunks.length);
        expect(ended?.packets).toBe(chunks.length);
        // Those that passed, and those that were released, in the order in which they came.
        expect(live).toEqual(live.map((_, index) => index));
      }),
      { numRuns: 500 },
    );
  });

  it('is complete in whatever order the packets of a donor and its end arrive', () => {
    const anyOrder = fc
      .uniqueArray(anyChunk, { minLength: 1, maxLength: 12 })
      .chain((chunks) =>
        fc.tuple(fc.constant(chunks), fc.shuffledSubarray([...chunks, -1], { minLength: chunks.length + 1 })),
      );
    fc.assert(
      fc.property(anyOrder, ([chunks, order]) => {
        const inputs = order.map((chunk): SyncInput => {
          return chunk === -1
            ? { type: 'end', donor: 2, count: chunks.length }
            : { type: 'data', donor: 2, chunks: [chunk] };
        });
        const { effects } = playSync(inputs);
        expect(ofType(effects, 'sync_ended')).toMatchObject([{ complete: true, packets: chunks.length }]);
      }),
    );
  });
});
