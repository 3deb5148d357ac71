import type { Command } from 'commander';
import type { MessageAnswer } from '../schemas/fleet-calls.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { printResults } from './send-results.js';
import { targetOf } from './target.js';

/** `clusterer mi`: runs an MI command on the machines of a fleet. */
export function addMi(program: Command, host: Host): void {
  program
    .command('mi')
    .description('run an MI command on the machines of a fleet of OpenSIPS 2.4 to 4.0, or on one')
    .argument('<cluster>', 'cluster id', id)
    .argument('<command>', 'name of the MI command')
    .argument('[params...]', 'its parameters, by position')
    .option('-m, --machine <id>', 'only on this machine (default: on all)', id)
    .action(
      async (
        cluster: number,
        name: string,
        params: readonly string[],
        { machine }: { readonly machine?: number },
        command: Command,
      ) => {
        const only = machine === undefined ? {} : { machine_id: machine };
        const body = { command: name, ...(params.length > 0 && { params }), ...only };
        const answer = await callRest<MessageAnswer>(targetOf(command), 'POST', `/clusters/${cluster}/mi`, { body });
        await printResults(outputOf(command, host), answer.results, { what: 'command', cluster, machine });
      },
    );
}
