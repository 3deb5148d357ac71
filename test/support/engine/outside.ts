import type { Command } from '../../../src/domain/commands.js';
import type { Effect } from '../../../src/domain/effects.js';
import type { Engine } from '../../../src/domain/engine.js';
import type { Act, TableCommand } from './engine-acts.js';

type Attempt = { readonly clusterId: number; readonly machineId: number; readonly attempt: number };
type Write = { readonly clusterId: number; readonly machineId: number; readonly changes: number };

/** The outside of an engine: remembers what it was told to send and to write, and so turns acts into commands. */
export class Outside {
  /** In the order they began; null once nothing more will be reported of them. */
  readonly attempts: (Attempt | null)[] = [];
  private writes: Write[] = [];
  private registrations = 0;

  constructor(private readonly engine: Engine) {}

  commandsOf(act: Act): Command[] {
    switch (act.type) {
      case 'command':
        return [act.command];
      case 'table':
        // The table has one user at a time (S7): the write that was under way did not come through.
        this.writes = [];
        return [act.sameState ? this.withStateInMemory(act.command) : act.command];
      case 'result': {
        const attempt = this.attempts[this.attemptOf(act)];
        return attempt ? [{ type: act.succeeded ? 'send_succeeded' : 'send_failed', ...attempt }] : [];
      }
      case 'register':
        return [{ type: 'register', number: ++this.registrations, request: act.request }];
      case 'unregister':
        return [{ type: 'unregister', number: (act.pick % Math.max(1, this.registrations)) + 1 }];
      case 'begin_write':
        this.writes = [...this.engine.sending.unsaved].map(({ machine: { clusterId, machineId }, changes }) => ({
          clusterId,
          machineId,
          changes,
        }));
        return [];
      case 'end_write':
        return this.writes.splice(0).map((write) => ({ type: 'row_saved', ...write }));
      default:
        return act satisfies never;
    }
  }

  /** Which attempt a result is about: one of the last five. */
  attemptOf({ pick }: { readonly pick: number }): number {
    return this.attempts.length - 1 - (pick % 5);
  }

  observe(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') {
        const { clusterId, machineId } = effect.machine;
        this.attempts.push({ clusterId, machineId, attempt: effect.attempt });
      }
      // A sender whose connection was closed for good reports nothing more.
      if (effect.type === 'machine_removed') this.forget(effect.machine);
    }
  }

  private forget({ clusterId, machineId }: { clusterId: number; machineId: number }): void {
    for (const [i, it] of this.attempts.entries()) {
      if (it?.clusterId === clusterId && it.machineId === machineId) this.attempts[i] = null;
    }
  }

  /** The table as it is when everything was written: rows that carry the state columns of the memory, and its drains. */
  private withStateInMemory(command: TableCommand): Command {
    if (command.type !== 'load') return command;
    const machines = command.machines.map((row) => {
      const known = this.engine.table.cell(row.clusterId, row.machineId)?.machine;
      if (known === undefined) return row;
      const { state, noTries, lastAttempt, drain } = known;
      return { ...row, state, noTries, lastAttempt, drain };
    });
    return { ...command, machines };
  }
}
