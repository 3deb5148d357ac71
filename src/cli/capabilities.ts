import type { Command } from 'commander';
import type { CapabilityList } from '../schemas/fleet.js';
import { textTable } from '../text/text-table.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer capabilities`: what the machines of a fleet replicate. */
export function addCapabilities(program: Command, host: Host): void {
  program
    .command('capabilities')
    .description('list what the machines of a fleet of OpenSIPS 2.4 to 4.0 replicate')
    .argument('<cluster>', 'cluster id', id)
    .action(async (cluster: number, _options: unknown, command: Command) => {
      const answer = await callRest<CapabilityList>(targetOf(command), 'GET', `/clusters/${cluster}/capabilities`);
      const rows = answer.capabilities.flatMap(({ name, machines }) => machines.map((one) => ({ name, ...one })));
      const text = () =>
        textTable(
          [
            ['CAPABILITY', ({ name }) => name],
            ['MACHINE', ({ machine_id }) => machine_id],
            ['STATE', ({ state }) => state],
          ],
          rows,
        );
      await outputOf(command, host).answer(answer, text);
    });
}
