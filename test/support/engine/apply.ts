import type { Command } from '../../../src/domain/commands.js';
import type { Effect } from '../../../src/domain/effects.js';
import type { Engine } from '../../../src/domain/engine.js';
import type { Now } from '../../../src/ground/now.js';
import { effectText } from './effect-text.js';

/** Applies a command and returns its effects. */
export function effectsOf(engine: Engine, command: Command, now: Now): Effect[] {
  const effects: Effect[] = [];
  engine.apply(command, now, effects);
  return effects;
}

/** The same, each effect on one line. */
export function effectTexts(engine: Engine, command: Command, now: Now): string[] {
  return effectsOf(engine, command, now).map(effectText);
}

/** Fires everything that is due and returns the effects. */
export function advanced(engine: Engine, now: Now): Effect[] {
  const effects: Effect[] = [];
  engine.advance(now, effects);
  return effects;
}
