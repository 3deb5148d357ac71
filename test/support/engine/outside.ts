import type { Command, Reply } from '../../../src/domain/commands.js';
import type { Effect } from '../../../src/domain/effects.js';
import type { Engine } from '../../../src/domain/engine.js';
import type { Now } from '../../../src/ground/now.js';
import type { Act, TableCommand } from './engine-acts.js';

type Attempt = { readonly clusterId: number; readonly machineId: number; readonly attempt: number };
type Write = { readonly clusterId: number; readonly machineId: number; readonly changes: number };

/** The outside of an engine: knows the attempts and writes in progress, and so turns acts into commands. */
export class Outside {
  /** In the order they began; null when nothing more will be reported. */
  readonly attempts: (Attempt | null)[] = [];
  private writes: Write[] = [];
  private registrations = 0;

  constructor(private readonly engine: Engine) {}

  commandsOf(act: Act): Command[] {
    switch (act.type) {
      case 'command':
        return [act.command];
      case 'table':
        // The table has one user at a time (S7): the write in progress failed.
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
        this.writes = [...this.engine.sendSide.unsaved].map(({ machine: { clusterId, machineId }, changes }) => ({
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

  /** The index of the attempt of a result: one of the last five. */
  attemptOf({ pick }: { readonly pick: number }): number {
    return this.attempts.length - 1 - (pick % 5);
  }

  observe(effects: readonly Effect[]): void {
    // The sender closes the connection of a removed machine and reports nothing more.
    for (const effect of effects) if (effect.type === 'machine_removed') this.forget(effect.machine);
  }

  /** Applies a command, appends its effects to `out`, and returns its reply. */
  apply(command: Command, now: Now, out: Effect[]): Reply {
    const reply = this.engine.apply(command, now, out);
    if (reply && typeof reply === 'object' && !('added' in reply)) {
      for (const { machine, attempt } of reply) {
        this.attempts.push({ clusterId: machine.clusterId, machineId: machine.machineId, attempt });
      }
    }
    return reply;
  }

  private forget({ clusterId, machineId }: { clusterId: number; machineId: number }): void {
    for (const [i, it] of this.attempts.entries()) {
      if (it?.clusterId === clusterId && it.machineId === machineId) this.attempts[i] = null;
    }
  }

  /** The table when everything is written: rows with the state columns and drains of the memory. */
  private withStateInMemory(command: TableCommand): Command {
    if (command.type !== 'load') return command;
    const machines = [...command.machines].map((row) => {
      const known = this.engine.table.cell(row.clusterId, row.machineId)?.machine;
      if (known === undefined) return row;
      const { state, noTries, lastAttempt, drain } = known;
      return { ...row, state, noTries, lastAttempt, drain };
    });
    return { ...command, machines };
  }
}
