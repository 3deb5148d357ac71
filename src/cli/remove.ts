import type { Command } from 'commander';
import { id, ids } from './arguments.js';
import { confirm, type Yes, yesOption } from './confirm.js';
import { eachMachine, machinesText } from './each-machine.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer remove`: deletes machines from the table. */
export function addRemove(program: Command, host: Host): void {
  program
    .command('remove')
    .description('remove machines from the table')
    .argument('<cluster>', 'cluster id', id)
    .argument('<machines>', 'machine ids, such as 2 or 1,2-5,9', ids)
    .addOption(yesOption())
    .action(async (cluster: number, machines: readonly number[], { yes }: Yes, command: Command) => {
      const target = targetOf(command);
      const output = outputOf(command, host);
      await confirm(`Remove ${machinesText(machines)} of cluster ${cluster} from the table?`, host, yes);
      await eachMachine(
        machines,
        async (machine) => {
          await callRest(target, 'DELETE', `/clusters/${cluster}/machines/${machine}`);
          return machine;
        },
        (removed) => output.answer({ removed }, () => `removed ${machinesText(removed)} of cluster ${cluster}\n`),
      );
    });
}
