import { Argument, type Command, Option } from 'commander';
import type { MachineView, StatusBody } from '../schemas/machine.js';
import { machineTable } from '../text/text-table.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** The default reason of a `down`. Without a reason it would not be a drain, and the next reload could undo it. */
const NO_REASON = 'set down';

interface Options {
  readonly reason?: string;
  readonly plain?: true;
}

/** `clusterer status`: sets a machine up or down until further notice. */
export function addStatus(program: Command, host: Host): void {
  program
    .command('status')
    .description('set a machine up or down')
    .argument('<cluster>', 'cluster id', id)
    .argument('<machine>', 'machine id', id)
    .addArgument(
      new Argument('<status>', 'down is kept over reloads and restarts until it is set up').choices(['up', 'down']),
    )
    .option('-r, --reason <text>', `reason (default for down: ${NO_REASON})`)
    .addOption(new Option('--plain', 'down as in OpenSIPS 2.2: a reload or a restart can undo it').conflicts('reason'))
    .action(async (cluster: number, machine: number, status: 'up' | 'down', options: Options, command: Command) => {
      const { plain, reason = status === 'down' && !plain ? NO_REASON : undefined } = options;
      await setStatus(command, host, { cluster, machine }, { status, ...(reason !== undefined && { reason }) });
    });
}

/** Sets the status of a machine and prints the machine. */
export async function setStatus(
  command: Command,
  host: Host,
  { cluster, machine }: { readonly cluster: number; readonly machine: number },
  body: StatusBody,
): Promise<void> {
  const output = outputOf(command, host);
  const path = `/clusters/${cluster}/machines/${machine}/status`;
  const answer = await callRest<MachineView>(targetOf(command), 'PUT', path, { body });
  await output.answer(answer, () => machineTable([answer], output.paint));
}
