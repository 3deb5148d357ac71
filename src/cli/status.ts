import { Argument, type Command, Option } from 'commander';
import type { MachineView, StatusBody } from '../schemas/machine.js';
import { machineTable } from '../text/text-table.js';
import { id, ids } from './arguments.js';
import { confirmSeveral, type Yes, yesOption } from './confirm.js';
import { eachMachine, machinesText } from './each-machine.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** The default reason of a `down`. Without a reason it would not be a drain, and the next reload could undo it. */
const NO_REASON = 'set down';

interface Options extends Yes {
  readonly reason?: string;
  readonly plain?: true;
}

/** `clusterer status`: sets machines up or down until further notice. */
export function addStatus(program: Command, host: Host): void {
  program
    .command('status')
    .description('set machines up or down')
    .argument('<cluster>', 'cluster id', id)
    .argument('<machines>', 'machine ids, such as 2 or 1,2-5,9', ids)
    .addArgument(
      new Argument('<status>', 'down is kept over reloads and restarts until it is set up').choices(['up', 'down']),
    )
    .option('-r, --reason <text>', `reason (default for down: ${NO_REASON})`)
    .addOption(new Option('--plain', 'down as in OpenSIPS 2.2: a reload or a restart can undo it').conflicts('reason'))
    .addOption(yesOption())
    .action(
      async (
        cluster: number,
        machines: readonly number[],
        status: 'up' | 'down',
        options: Options,
        command: Command,
      ) => {
        const { plain, reason = status === 'down' && !plain ? NO_REASON : undefined } = options;
        await confirmSeveral(`Set ${machinesText(machines)} of cluster ${cluster} ${status}?`, machines, host, options);
        await setStatus(command, host, { cluster, machines }, { status, ...(reason !== undefined && { reason }) });
      },
    );
}

/** Sets the status of machines and prints them. One machine is printed as itself, several as a list. */
export async function setStatus(
  command: Command,
  host: Host,
  { cluster, machines }: { readonly cluster: number; readonly machines: readonly number[] },
  body: StatusBody,
): Promise<void> {
  const output = outputOf(command, host);
  const target = targetOf(command);
  await eachMachine(
    machines,
    (machine) => callRest<MachineView>(target, 'PUT', `/clusters/${cluster}/machines/${machine}/status`, { body }),
    (nodes) => output.answer(machines.length === 1 ? nodes[0] : { nodes }, () => machineTable(nodes, output.paint)),
  );
}
