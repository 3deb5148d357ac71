import { type Command, Option } from 'commander';
import { MACHINE_STATES } from '../schemas/machine.js';
import { machineTable } from '../text/text-table.js';
import { id, outputOf } from './arguments.js';
import { answerOf, type Machine, restOf } from './rest.js';
import { type Target, targetOf } from './target.js';

/** The most that one page holds. */
const PAGE = 10_000;

interface Filter {
  readonly cluster?: number;
  readonly state?: Machine['state'];
}

/** `clusterer list`: every machine, whatever the number of pages. */
export function addList(program: Command): void {
  program
    .command('list')
    .description('show the machines')
    .option('-c, --cluster <id>', 'only those of this cluster', id)
    .addOption(new Option('-s, --state <state>', 'only those in this state').choices(MACHINE_STATES))
    .action(async (filter: Filter, command: Command) => {
      const output = outputOf(command);
      const nodes = await allMachines(targetOf(command), filter);
      await output.answer({ nodes, next_cursor: null }, () => machineTable(nodes, output.paint));
    });
}

async function allMachines(target: Target, filter: Filter): Promise<Machine[]> {
  const machines: Machine[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await pageOf(target, filter, cursor);
    for (const machine of page.nodes) machines.push(machine);
    cursor = page.next_cursor;
  }
  return machines;
}

/** A page of the list; that of a cluster says when there is no such cluster. */
function pageOf(target: Target, { cluster, state }: Filter, cursor: string | undefined) {
  const rest = restOf(target);
  const query = { limit: PAGE, ...(state && { state }), ...(cursor && { cursor }) };
  if (cluster === undefined) return answerOf(target, rest.GET('/nodes', { params: { query } }));
  const path = { cluster_id: cluster };
  return answerOf(target, rest.GET('/clusters/{cluster_id}/machines', { params: { path, query } }));
}
