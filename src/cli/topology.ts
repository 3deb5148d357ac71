import type { Command } from 'commander';
import type { TopologyAnswer } from '../schemas/fleet.js';
import { textTable } from '../text/text-table.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer topology`: which machines of a fleet are connected. */
export function addTopology(program: Command, host: Host): void {
  program
    .command('topology')
    .description('show which machines of a fleet of OpenSIPS 2.4 to 4.0 are connected')
    .argument('<cluster>', 'cluster id', id)
    .action(async (cluster: number, _options: unknown, command: Command) => {
      const answer = await callRest<TopologyAnswer>(targetOf(command), 'GET', `/clusters/${cluster}/topology`);
      const text = () =>
        textTable(
          [
            ['MACHINE', ({ machine_id }) => machine_id],
            ['OWN', ({ own }) => (own ? 'yes' : null)],
            ['NEIGHBOURS', ({ neighbours }) => neighbours.join(',')],
          ],
          answer.machines,
        );
      await outputOf(command, host).answer(answer, text);
    });
}
