import { Argument, type Command, Option } from 'commander';
import { machineTable } from '../text/text-table.js';
import { id, outputOf } from './arguments.js';
import { answerOf, restOf } from './rest.js';
import { targetOf } from './target.js';

/** What is asked for: `down` with a reason or an end is a drain. */
export interface StatusBody {
  readonly status: 'up' | 'down';
  readonly reason?: string;
  /** RFC 3339. */
  readonly until?: string;
}

/** Why, where nobody says: without a reason it would be no drain, and the next reload could undo it. */
const NO_REASON = 'set down';

interface Options {
  readonly reason?: string;
  readonly plain?: true;
}

/** `clusterer status`: up or down, until somebody says otherwise. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('set a machine up or down')
    .argument('<cluster>', 'id of the cluster', id)
    .argument('<machine>', 'id of the machine', id)
    .addArgument(
      new Argument('<status>', 'down lasts, over reloads and restarts, until somebody sets it up').choices([
        'up',
        'down',
      ]),
    )
    .option('-r, --reason <text>', `why (of a down that nobody explains: ${NO_REASON})`)
    .addOption(
      new Option('--plain', 'down as OpenSIPS 2.2 has it, which a reload or a restart can undo').conflicts('reason'),
    )
    .action(async (cluster: number, machine: number, status: 'up' | 'down', options: Options, command: Command) => {
      const { plain, reason = status === 'down' && !plain ? NO_REASON : undefined } = options;
      await setStatus(command, { cluster, machine }, { status, ...(reason !== undefined && { reason }) });
    });
}

/** Sets it, and shows the machine as it is now. */
export async function setStatus(
  command: Command,
  { cluster, machine }: { readonly cluster: number; readonly machine: number },
  body: StatusBody,
): Promise<void> {
  const target = targetOf(command);
  const output = outputOf(command);
  const path = { cluster_id: cluster, machine_id: machine };
  const route = '/clusters/{cluster_id}/machines/{machine_id}/status';
  const answer = await answerOf(target, restOf(target).PUT(route, { params: { path }, body }));
  await output.answer(answer, () => machineTable([answer], output.paint));
}
