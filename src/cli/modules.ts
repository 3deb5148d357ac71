import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { ModuleList, ModuleView } from '../schemas/packet.js';
import { type Column, textTable } from '../text/text-table.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

const COLUMNS: readonly Column<ModuleView>[] = [
  ['NUMBER', ({ number }) => number],
  ['MODULE', ({ module }) => module],
  ['CLUSTER', ({ cluster_id }) => (cluster_id === 0 ? 'every' : cluster_id)],
  ['PROTOCOL', ({ protocol }) => protocol],
  ['CONNECTED', ({ connected }) => (connected ? 'yes' : 'no')],
  ['SINCE', ({ since }) => new Date(since).toISOString()],
  ['TIMEOUT', ({ timeout }) => timeout],
  ['AUTH CHECK', ({ auth_check }) => (auth_check ? 'yes' : 'no')],
  ['PACKETS', ({ packets }) => packets],
  ['DROPPED', ({ dropped }) => dropped],
  ['UNKNOWN SOURCE', ({ unknown_source }) => unknown_source],
  ['DISABLED MACHINES', ({ machines }) => disabled(machines).join(',')],
];

/** `clusterer modules`: the registrations of modules. */
export function addModules(program: Command, host: Host): void {
  program
    .command('modules')
    .description('list the registered modules, and the machines that are disabled for them')
    .action(async (_options: unknown, command: Command) => {
      const answer = await callRest<Static<typeof ModuleList>>(targetOf(command), 'GET', '/modules');
      await outputOf(command, host).answer(answer, () => textTable(COLUMNS, answer.modules));
    });
}

function disabled(machines: ModuleView['machines']): number[] {
  return machines.filter(({ reception }) => reception === 'disabled').map(({ machine_id }) => machine_id);
}
