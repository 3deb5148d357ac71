import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.js';
import type { Effect } from '../../src/domain/effects.js';
import { Engine } from '../../src/domain/engine.js';
import type { Now } from '../../src/ground/now.js';
import { effectSubject, effectText, replyTexts, type SubjectText } from '../support/engine/effect-text.js';
import { anyServerId, BOUNDED, type TimedAct, timedActs } from '../support/engine/engine-acts.js';
import { engineStateText } from '../support/engine/engine-text.js';
import { checkInvariants } from '../support/engine/invariants.js';
import { Outside } from '../support/engine/outside.js';

interface TimedCommand {
  readonly command: Command;
  readonly now: Now;
}

/** Where every run begins. */
const START: Now = { monotonicMs: 0, unixMs: 1_000_000_000 };

/** An advance between two commands: how far on the way from one to the next, and its limit. */
interface Advance {
  readonly part: number;
  readonly limit: number;
}

const anyAdvances = fc.array(
  fc.array(fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), limit: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 3,
  }),
  { maxLength: 40, size: 'max' },
);

/** The effects of each subject, in order. */
function bySubject(effects: readonly Effect[]): Map<string, string[]> {
  const subjects = new Map<string, string[]>();
  for (const effect of effects) {
    const subject = effectSubject(effect);
    subjects.set(subject, [...(subjects.get(subject) ?? []), effectText(effect)]);
  }
  return new Map([...subjects].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Runs the acts on an engine that advances before each, and returns the commands that result. */
function commandsOf(serverId: number, acts: readonly TimedAct[]): TimedCommand[] {
  const engine = new Engine(serverId);
  const outside = new Outside(engine);
  const commands: TimedCommand[] = [];
  let now = START;
  for (const { afterMs, clockJumpMs, act } of acts) {
    now = { monotonicMs: now.monotonicMs + afterMs, unixMs: now.unixMs + afterMs + clockJumpMs };
    const effects: Effect[] = [];
    engine.advance(now, effects);
    for (const command of outside.commandsOf(act)) {
      commands.push({ command, now });
      outside.apply(command, now, effects);
    }
    outside.observe(effects);
  }
  return commands;
}

function advanceFully(engine: Engine, now: Now, limit: number, effects: Effect[]): void {
  while (engine.nextDeadline <= now.monotonicMs) {
    engine.advance(now, effects, limit);
    checkInvariants(engine);
  }
}

/** Applies the commands at their times, with these advances before each; then two seconds pass. */
function replay(serverId: number, commands: readonly TimedCommand[], advances: readonly (readonly Advance[])[]) {
  const engine = new Engine(serverId);
  const effects: Effect[] = [];
  const replies: SubjectText[][] = [];
  let last = START;
  for (const [i, { command, now }] of commands.entries()) {
    for (const { part, limit } of [...(advances[i] ?? [])].sort((a, b) => a.part - b.part)) {
      const monotonicMs = Math.floor(last.monotonicMs + part * (now.monotonicMs - last.monotonicMs));
      advanceFully(engine, { ...now, monotonicMs }, limit, effects);
    }
    replies.push(replyTexts(engine.apply(command, now, effects)));
    checkInvariants(engine);
    last = now;
  }
  advanceFully(engine, { ...last, monotonicMs: last.monotonicMs + 2000 }, 1, effects);
  return { effects: bySubject(effects), replies, state: engineStateText(engine) };
}

/** With an advance just before each command. */
function alwaysCaughtUp(serverId: number, commands: readonly TimedCommand[]) {
  const advance = [{ part: 1, limit: Number.POSITIVE_INFINITY }];
  return replay(
    serverId,
    commands,
    commands.map(() => advance),
  );
}

describe('the engine, however its time advances', () => {
  it('does the same and ends the same, with any advances between the commands', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, anyAdvances, (serverId, acts, advances) => {
        const commands = commandsOf(serverId, acts);
        expect(replay(serverId, commands, advances)).toEqual(alwaysCaughtUp(serverId, commands));
      }),
      BOUNDED,
    );
  });

  it('does the same and ends the same, without any advance', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, (serverId, acts) => {
        const commands = commandsOf(serverId, acts);
        expect(replay(serverId, commands, [])).toEqual(alwaysCaughtUp(serverId, commands));
      }),
      BOUNDED,
    );
  });
});
