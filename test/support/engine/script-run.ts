import { Engine } from '../../../src/domain/engine.js';
import { effectText } from './effect-text.js';
import { machineStateText, registrationStateText } from './engine-text.js';
import { checkInvariants } from './invariants.js';
import { readInstruction, registrationNumber, type Step } from './script.js';

/** Unix seconds at time 0 of a script; a last attempt at 3000 ms is then 1000003. */
const CLOCK_STARTS_AT = 1_000_000;

/** Runs scripts on an engine and writes down what it says. */
class ScriptRun {
  private clockMs = CLOCK_STARTS_AT * 1000;

  constructor(private readonly engine: Engine) {}

  step(step: Step, atMs: number): string[] {
    const { engine } = this;
    const now = { monotonicMs: atMs, unixMs: this.clockMs + atMs };
    switch (step.type) {
      case 'command':
        return engine.apply(step.command, now).map(effectText);
      case 'advance':
        return engine.advance(now, step.limit).map(effectText);
      case 'clock_jump':
        this.clockMs += step.ms;
        return [];
      case 'next_deadline':
        return [`${engine.nextDeadline}`];
      case 'show':
        return this.show(step.subject);
      default:
        return step satisfies never;
    }
  }

  private show(subject: string): string[] {
    const { receiving, sending, table } = this.engine;
    if (subject.startsWith('#')) {
      const registration = receiving.registration(registrationNumber(subject));
      return registration === undefined ? ['not there'] : registrationStateText(registration);
    }
    const [clusterId = 0, machineId = 0] = subject.split('/').map(Number);
    const cell = table.cell(clusterId, machineId);
    return cell === undefined ? ['not there'] : [machineStateText(cell, sending.unsaved.has(cell))];
  }
}

/**
 * Plays a script and gives it back with the effects that really came, so that it equals itself when all is as it says.
 * `server_id <n>` on a line of its own, before the first command, is this service's own id (0 otherwise).
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
    played.push(...run.step(step, atMs).map((effect) => `> ${effect}`));
    checkInvariants(engine);
  }
  return played.join('\n');
}

/** What the script asks: its lines without the effects, each load together with its rows. */
function blocksOf(script: string): string[] {
  const lines = script.split('\n').filter((line) => !line.startsWith('>'));
  return lines.join('\n').split(/\n(?! {2}row )/);
}
