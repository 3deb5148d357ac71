import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.js';
import { Engine } from '../../src/domain/engine.js';
import type { Now } from '../../src/ground/now.js';
import { effectSubject, effectText } from '../support/engine/effect-text.js';
import { anyServerId, BOUNDED, timedActs } from '../support/engine/engine-acts.js';
import { engineStateText } from '../support/engine/engine-text.js';
import { checkInvariants } from '../support/engine/invariants.js';
import { NaiveEngine } from '../support/engine/naive-engine.js';
import { Outside } from '../support/engine/outside.js';

/** The lines of each subject, in order. */
function bySubject(said: readonly { subject: string; text: string }[]): Map<string, string[]> {
  const subjects = [...new Set(said.map((it) => it.subject))].sort();
  return new Map(subjects.map((it) => [it, said.filter(({ subject }) => subject === it).map(({ text }) => text)]));
}

/** The service does not ask the engine then; the naive engine is asked all the same. */
function spared(engine: Engine, command: Command): boolean {
  return command.type === 'send_succeeded' && !engine.heedsSuccess(command.clusterId, command.machineId);
}

describe('the engine', () => {
  it('does what a naive engine does that looks at everything in every millisecond', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, (serverId, acts) => {
        const engine = new Engine(serverId);
        const naive = new NaiveEngine(serverId);
        const outside = new Outside(engine);
        let now: Now = { monotonicMs: 0, unixMs: 1_000_000_000 };
        for (const { afterMs, clockJumpMs, act } of acts) {
          now = { monotonicMs: now.monotonicMs + afterMs, unixMs: now.unixMs + afterMs + clockJumpMs };
          const effects = engine.advance(now);
          naive.stepTo(now);
          if (act.type === 'begin_write') naive.beginWrite();
          for (const command of outside.commandsOf(act)) {
            if (!spared(engine, command)) effects.push(...engine.apply(command, now));
            effects.push(...engine.advance(now));
            // The naive engine numbers attempts in the order they begin, which is the order the outside keeps them in.
            const attempt = act.type === 'result' ? { attempt: outside.attemptOf(act) } : {};
            naive.apply({ ...command, ...attempt }, now);
          }
          outside.observe(effects);
          checkInvariants(engine);
          // How often a mark is set is the engine's own affair; that it is set, the state shows.
          const told = effects.filter((effect) => effect.type !== 'row_changed');
          const said = told.map((it) => ({
            subject: effectSubject(it),
            text: effectText(it).replace(/ attempt=\d+$/, ''),
          }));
          expect(bySubject(said)).toEqual(bySubject(naive.takeSaid()));
          expect(engineStateText(engine)).toEqual(naive.stateText());
        }
      }),
      { ...BOUNDED, numRuns: 300 },
    );
  });
});
