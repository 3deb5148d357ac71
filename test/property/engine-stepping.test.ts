import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.js';
import type { Effect } from '../../src/domain/effects.js';
import { Engine } from '../../src/domain/engine.js';
import type { Now } from '../../src/ground/now.js';
import { effectSubject, effectText } from '../support/engine/effect-text.js';
import { anyServerId, BOUNDED, type TimedAct, timedActs } from '../support/engine/engine-acts.js';
import { engineStateText } from '../support/engine/engine-text.js';
import { checkInvariants } from '../support/engine/invariants.js';
import { Outside } from '../support/engine/outside.js';

interface TimedCommand {
  readonly command: Command;
  readonly now: Now;
}

/** Where every life begins. */
const START: Now = { monotonicMs: 0, unixMs: 1_000_000_000 };

/** A look at the clock between two commands: how far it is on the way from one to the next, and how much is done at once. */
interface Look {
  readonly part: number;
  readonly limit: number;
}

const anyLooks = fc.array(
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

/** Lives through the acts on an engine that is always caught up, and answers the commands they came to. */
function commandsOf(serverId: number, acts: readonly TimedAct[]): TimedCommand[] {
  const engine = new Engine(serverId);
  const outside = new Outside(engine);
  const commands: TimedCommand[] = [];
  let now = START;
  for (const { afterMs, clockJumpMs, act } of acts) {
    now = { monotonicMs: now.monotonicMs + afterMs, unixMs: now.unixMs + afterMs + clockJumpMs };
    outside.observe(engine.advance(now));
    for (const command of outside.commandsOf(act)) {
      commands.push({ command, now });
      outside.observe(engine.apply(command, now));
    }
  }
  return commands;
}

function advanceFully(engine: Engine, now: Now, limit: number, effects: Effect[]): void {
  while (engine.nextDeadline <= now.monotonicMs) {
    effects.push(...engine.advance(now, limit));
    checkInvariants(engine);
  }
}

/** Gives an engine the commands at their times, with these looks at the clock before each; then two seconds pass. */
function replay(serverId: number, commands: readonly TimedCommand[], looks: readonly (readonly Look[])[]) {
  const engine = new Engine(serverId);
  const effects: Effect[] = [];
  let last = START;
  for (const [i, { command, now }] of commands.entries()) {
    for (const { part, limit } of [...(looks[i] ?? [])].sort((a, b) => a.part - b.part)) {
      const monotonicMs = Math.floor(last.monotonicMs + part * (now.monotonicMs - last.monotonicMs));
      advanceFully(engine, { ...now, monotonicMs }, limit, effects);
    }
    effects.push(...engine.apply(command, now));
    checkInvariants(engine);
    last = now;
  }
  advanceFully(engine, { ...last, monotonicMs: last.monotonicMs + 2000 }, 1, effects);
  return { effects: bySubject(effects), state: engineStateText(engine) };
}

/** Everything that is due is done just before each command. */
function alwaysCaughtUp(serverId: number, commands: readonly TimedCommand[]) {
  const look = [{ part: 1, limit: Number.POSITIVE_INFINITY }];
  const looks = commands.map(() => look);
  return replay(serverId, commands, looks);
}

describe('the engine, however its time is stepped', () => {
  it('does the same and ends the same, with any looks at the clock between the commands', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, anyLooks, (serverId, acts, looks) => {
        const commands = commandsOf(serverId, acts);
        expect(replay(serverId, commands, looks)).toEqual(alwaysCaughtUp(serverId, commands));
      }),
      BOUNDED,
    );
  });

  it('does the same and ends the same, with no look at the clock at all', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, (serverId, acts) => {
        const commands = commandsOf(serverId, acts);
        expect(replay(serverId, commands, [])).toEqual(alwaysCaughtUp(serverId, commands));
      }),
      BOUNDED,
    );
  });
});
