import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.js';
import type { Effect } from '../../src/domain/effects.js';
import { Engine } from '../../src/domain/engine.js';
import type { Now } from '../../src/ground/now.js';
import { effectSubject, effectText, replyTexts, type SubjectText } from '../support/engine/effect-text.js';
import { anyServerId, BOUNDED, timedActs } from '../support/engine/engine-acts.js';
import { engineStateText } from '../support/engine/engine-text.js';
import { checkInvariants } from '../support/engine/invariants.js';
import { NaiveEngine } from '../support/engine/naive-engine.js';
import { Outside } from '../support/engine/outside.js';

/** The lines of each subject, in order. */
function bySubject(texts: readonly SubjectText[]): Map<string, string[]> {
  const subjects = [...new Set(texts.map((it) => it.subject))].sort();
  return new Map(subjects.map((it) => [it, texts.filter(({ subject }) => subject === it).map(({ text }) => text)]));
}

/** The service omits this command; the naive engine gets it nevertheless. */
function omitted(engine: Engine, command: Command): boolean {
  return command.type === 'send_succeeded' && !engine.wantsSuccess(command.clusterId, command.machineId);
}

describe('the engine', () => {
  it('does the same as a naive engine that checks everything in every millisecond', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, (serverId, acts) => {
        const engine = new Engine(serverId);
        const naive = new NaiveEngine(serverId);
        const outside = new Outside(engine);
        let now: Now = { monotonicMs: 0, unixMs: 1_000_000_000 };
        for (const { afterMs, clockJumpMs, act } of acts) {
          now = { monotonicMs: now.monotonicMs + afterMs, unixMs: now.unixMs + afterMs + clockJumpMs };
          const effects: Effect[] = [];
          const replies: SubjectText[] = [];
          engine.advance(now, effects);
          naive.stepTo(now);
          if (act.type === 'begin_write') naive.beginWrite();
          for (const command of outside.commandsOf(act)) {
            if (!omitted(engine, command)) replies.push(...replyTexts(outside.apply(command, now, effects)));
            engine.advance(now, effects);
            // The naive engine numbers attempts in the order they begin, as `outside` does.
            const attempt = act.type === 'result' ? { attempt: outside.attemptOf(act) } : {};
            naive.apply({ ...command, ...attempt }, now);
          }
          outside.observe(effects);
          checkInvariants(engine);
          // Whether a row is marked shows in the state; how often it is marked does not matter.
          const observed = effects.filter((effect) => effect.type !== 'row_changed');
          const actual = [
            ...observed.map((it) => ({ subject: effectSubject(it), text: effectText(it) })),
            ...replies.map(({ subject, text }) => ({ subject, text: text.replace(/ attempt=\d+$/, '') })),
          ];
          expect(bySubject(actual)).toEqual(bySubject(naive.takeEffects()));
          expect(engineStateText(engine)).toEqual(naive.stateText());
        }
      }),
      { ...BOUNDED, numRuns: 300 },
    );
  });
});
