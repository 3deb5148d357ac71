import { type Command, Option } from 'commander';
import type { MachineList, MachineView } from '../schemas/machine.js';
import type { Static } from '../schemas/typebox.js';
import { MACHINE_STATES } from '../schemas/values.js';
import { machineTable } from '../text/text-table.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { type Target, targetOf } from './target.js';

/** The largest page that the service returns. */
const PAGE_SIZE = 10_000;

interface Filter {
  readonly cluster?: number;
  readonly state?: MachineView['state'];
}

/** `clusterer list`: all machines, from as many pages as it takes. */
export function addList(program: Command, host: Host): void {
  program
    .command('list')
    .description('list the machines')
    .option('-c, --cluster <id>', 'only machines of this cluster', id)
    .addOption(new Option('-s, --state <state>', 'only machines in this state').choices(MACHINE_STATES))
    .action(async (filter: Filter, command: Command) => {
      const output = outputOf(command, host);
      const nodes = await allMachines(targetOf(command), filter);
      await output.answer({ nodes, next_cursor: null }, () => machineTable(nodes, output.paint));
    });
}

async function allMachines(target: Target, { cluster, state }: Filter): Promise<MachineView[]> {
  // The list of one cluster fails when that cluster is not loaded.
  const path = cluster === undefined ? '/nodes' : `/clusters/${cluster}/machines`;
  const machines: MachineView[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: PAGE_SIZE, state, cursor };
    const page: Static<typeof MachineList> = await callRest(target, 'GET', path, { query });
    machines.push(...page.nodes);
    cursor = page.next_cursor;
  }
  return machines;
}
