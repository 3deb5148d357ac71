import { type Command, Option } from 'commander';
import { duration, id, time } from './arguments.js';
import { setStatus } from './status.js';

/** Why, where nobody says: without a reason or an end it would be no drain, and a reload could lift it. */
const NO_REASON = 'drained';

interface Options {
  readonly reason?: string;
  readonly until?: string;
  /** Milliseconds. */
  readonly for?: number;
}

/** `clusterer drain`: takes a machine out, over reloads and restarts, until it is set up or the time has come. */
export function addDrain(program: Command): void {
  program
    .command('drain')
    .description('take a machine out, with a reason or for a time; `status … up` brings it back')
    .argument('<cluster>', 'id of the cluster', id)
    .argument('<machine>', 'id of the machine', id)
    .option('-r, --reason <text>', 'why, for those who wonder')
    .option('--until <time>', 'when it comes back by itself (RFC 3339, as in 2026-11-22T18:00:00Z)', time)
    .addOption(
      new Option('--for <length>', 'how long it stays away, as in 90s, 30m or 1h30m')
        .argParser(duration)
        .conflicts('until'),
    )
    .action(async (cluster: number, machine: number, options: Options, command: Command) => {
      const { reason, until = endOf(options) } = options;
      const drain = {
        ...(reason !== undefined && { reason }),
        ...(until !== undefined && { until }),
      };
      await setStatus(command, { cluster, machine }, { status: 'down', ...orNoReason(drain) });
    });
}

function orNoReason<D extends { readonly reason?: string; readonly until?: string }>(drain: D) {
  return drain.reason === undefined && drain.until === undefined ? { reason: NO_REASON } : drain;
}

function endOf(options: Options): string | undefined {
  return options.for === undefined ? undefined : new Date(Date.now() + options.for).toISOString();
}
