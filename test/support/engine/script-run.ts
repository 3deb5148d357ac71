import type { Effect } from '../../../src/domain/effects.js';
import { Engine } from '../../../src/domain/engine.js';
import { effectText, replyTexts } from './effect-text.js';
import { machineStateText, registrationStateText } from './engine-text.js';
import { checkInvariants } from './invariants.js';
import { readInstruction, registrationNumber, type Step } from './script.js';

/** Unix seconds at time 0 of a script: a last attempt at 3000 ms is 1000003. */
const CLOCK_STARTS_AT = 1_000_000;

/** Runs scripts on an engine and records its effects and replies. */
class ScriptRun {
  private clockMs = CLOCK_STARTS_AT * 1000;

  constructor(private readonly engine: Engine) {}

  step(step: Step, atMs: number): string[] {
    const { engine } = this;
    const now = { monotonicMs: atMs, unixMs: this.clockMs + atMs };
    switch (step.type) {
      case 'command': {
        const effects: Effect[] = [];
        const reply = engine.apply(step.command, now, effects);
        return [...effects.map(effectLine), ...replyTexts(reply).map(({ text }) => `= ${text}`)];
      }
      case 'advance': {
        const effects: Effect[] = [];
        engine.advance(now, effects, step.limit);
        return effects.map(effectLine);
      }
      case 'clock_jump':
        this.clockMs += step.ms;
        return [];
      case 'next_deadline':
        return [`> ${engine.nextDeadline}`];
      case 'show':
        return this.show(step.subject).map((line) => `> ${line}`);
      default:
        return step satisfies never;
    }
  }

  private show(subject: string): string[] {
    const { receiveSide, sendSide, table } = this.engine;
    if (subject.startsWith('#')) {
      const registration = receiveSide.registration(registrationNumber(subject));
      return registration === undefined ? ['not there'] : registrationStateText(registration);
    }
    const [clusterId = 0, machineId = 0] = subject.split('/').map(Number);
    const cell = table.cell(clusterId, machineId);
    return cell === undefined ? ['not there'] : [machineStateText(cell, sendSide.unsaved.has(cell))];
  }
}

/**
 * Plays a script and returns it with the actual effects (`>`) and replies (`=`), so that the result equals the script if they are right.
 * `server_id <n>` on a line before the first command sets the id of the service (0 otherwise).
 */
export function playScript(script: string): string {
  const serverId = /^server_id (\d+)$/m.exec(script)?.[1] ?? '0';
  const engine = new Engine(Number(serverId));
  const run = new ScriptRun(engine);
  const played: string[] = [];
  for (const block of blocksOf(script)) {
    played.push(block);
    if (!block.startsWith('at ')) continue;
    const [line = '', ...rows] = block.split('\n');
    const { atMs, step } = readInstruction(line, rows);
    played.push(...run.step(step, atMs));
    checkInvariants(engine);
  }
  return played.join('\n');
}

/** The instructions: the script without effects and replies, each load with its rows. */
function blocksOf(script: string): string[] {
  const lines = script.split('\n').filter((line) => !/^[>=]/.test(line));
  return lines.join('\n').split(/\n(?! {2}row )/);
}

function effectLine(effect: Effect): string {
  return `> ${effectText(effect)}`;
}
