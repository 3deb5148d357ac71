import fc from 'fast-check';
import type { Effect } from '../../src/domain/effects.js';
import { Engine } from '../../src/domain/engine.js';
import type { Now } from '../../src/ground/now.js';
import { effectSubject, effectText } from '../support/engine/effect-text.js';
import { anyServerId, BOUNDED, timedActs } from '../support/engine/engine-acts.js';
import { engineStateText } from '../support/engine/engine-text.js';
import { checkInvariants } from '../support/engine/invariants.js';
import { Outside } from '../support/engine/outside.js';

/** The effects of each subject, in order. */
function bySubject(effects: readonly Effect[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const it of effects) found.set(effectSubject(it), [...(found.get(effectSubject(it)) ?? []), effectText(it)]);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('a load in parts', () => {
  it('has the effects, the counts and the result of a load at once', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, fc.integer({ min: 1, max: 3 }), (serverId, acts, limit) => {
        const [atOnce, inParts] = [new Engine(serverId), new Engine(serverId)];
        const outside = new Outside(atOnce);
        let now: Now = { monotonicMs: 0, unixMs: 1_000_000_000 };
        for (const { afterMs, clockJumpMs, act } of acts) {
          now = { monotonicMs: now.monotonicMs + afterMs, unixMs: now.unixMs + afterMs + clockJumpMs };
          const [expected, actual]: [Effect[], Effect[]] = [[], []];
          atOnce.advance(now, expected);
          inParts.advance(now, actual);
          for (const command of outside.commandsOf(act)) {
            const reply = outside.apply(command, now, expected);
            if (command.type === 'load') {
              const rows = [...command.machines];
              let counts: unknown;
              for (let isFirst = true; isFirst || inParts.isLoading; isFirst = false) {
                const machines = rows.splice(0, limit);
                const part = { isFirst, hasMoreRows: rows.length > 0, limit };
                counts = inParts.apply({ ...command, machines, part }, now, actual);
                checkInvariants(inParts);
              }
              expect(counts).toEqual(reply);
            } else {
              inParts.apply(command, now, actual);
            }
            checkInvariants(inParts);
          }
          outside.observe(expected);
          expect(bySubject(actual)).toEqual(bySubject(expected));
          expect(engineStateText(inParts)).toEqual(engineStateText(atOnce));
        }
      }),
      { ...BOUNDED, numRuns: 100 },
    );
  });
});
