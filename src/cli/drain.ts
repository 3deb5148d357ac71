import { type Command, Option } from 'commander';
import { duration, id, ids, time } from './arguments.js';
import { confirmSeveral, type Yes, yesOption } from './confirm.js';
import { machinesText } from './each-machine.js';
import type { Host } from './host.js';
import { setStatus } from './status.js';

/** The default reason. A `down` with neither a reason nor an end would not be a drain, and a reload could undo it. */
const NO_REASON = 'drained';

interface Options extends Yes {
  readonly reason?: string;
  readonly until?: string;
  /** Milliseconds. */
  readonly for?: number;
}

/** `clusterer drain`: takes machines out of service; reloads and restarts do not bring them back. */
export function addDrain(program: Command, host: Host): void {
  program
    .command('drain')
    .description('take machines out of service, with a reason or until a time; `status … up` ends the drain')
    .argument('<cluster>', 'cluster id', id)
    .argument('<machines>', 'machine ids, such as 2 or 1,2-5,9', ids)
    .option('-r, --reason <text>', `reason, shown with the machine (default without an end: ${NO_REASON})`)
    .option('--until <time>', 'end of the drain (RFC 3339, such as 2026-11-22T18:00:00Z)', time)
    .addOption(
      new Option('--for <duration>', 'length of the drain, such as 90s, 30m or 1h30m')
        .argParser(duration)
        .conflicts('until'),
    )
    .addOption(yesOption())
    .action(async (cluster: number, machines: readonly number[], options: Options, command: Command) => {
      const until = options.until ?? endOf(options);
      const reason = options.reason ?? (until === undefined ? NO_REASON : undefined);
      const body = {
        status: 'down',
        ...(reason !== undefined && { reason }),
        ...(until !== undefined && { until }),
      } as const;
      await confirmSeveral(`Drain ${machinesText(machines)} of cluster ${cluster}?`, machines, host, options);
      await setStatus(command, host, { cluster, machines }, body);
    });
}

function endOf(options: Options): string | undefined {
  return options.for === undefined ? undefined : new Date(Date.now() + options.for).toISOString();
}
