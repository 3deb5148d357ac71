import { type Command, Option } from 'commander';
import { duration, id, time } from './arguments.js';
import type { Host } from './host.js';
import { setStatus } from './status.js';

/** The default reason. A `down` with neither a reason nor an end would not be a drain, and a reload could undo it. */
const NO_REASON = 'drained';

interface Options {
  readonly reason?: string;
  readonly until?: string;
  /** Milliseconds. */
  readonly for?: number;
}

/** `clusterer drain`: takes a machine out of service; reloads and restarts do not bring it back. */
export function addDrain(program: Command, host: Host): void {
  program
    .command('drain')
    .description('take a machine out of service, with a reason or until a time; `status … up` ends the drain')
    .argument('<cluster>', 'cluster id', id)
    .argument('<machine>', 'machine id', id)
    .option('-r, --reason <text>', `reason, shown with the machine (default without an end: ${NO_REASON})`)
    .option('--until <time>', 'end of the drain (RFC 3339, such as 2026-11-22T18:00:00Z)', time)
    .addOption(
      new Option('--for <duration>', 'length of the drain, such as 90s, 30m or 1h30m')
        .argParser(duration)
        .conflicts('until'),
    )
    .action(async (cluster: number, machine: number, options: Options, command: Command) => {
      const until = options.until ?? endOf(options);
      const reason = options.reason ?? (until === undefined ? NO_REASON : undefined);
      const body = {
        status: 'down',
        ...(reason !== undefined && { reason }),
        ...(until !== undefined && { until }),
      } as const;
      await setStatus(command, host, { cluster, machine }, body);
    });
}

function endOf(options: Options): string | undefined {
  return options.for === undefined ? undefined : new Date(Date.now() + options.for).toISOString();
}
