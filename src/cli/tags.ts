import type { Command } from 'commander';
import type { TagList } from '../schemas/tags.js';
import { textTable } from '../text/text-table.js';
import { id } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { tagColumns } from './tag.js';
import { targetOf } from './target.js';

/** `clusterer tags`: the sharing tags of a fleet. */
export function addTags(program: Command, host: Host): void {
  program
    .command('tags')
    .description('list the sharing tags of a fleet of OpenSIPS 2.4 to 4.0')
    .argument('<cluster>', 'cluster id', id)
    .action(async (cluster: number, _options: unknown, command: Command) => {
      const answer = await callRest<TagList>(targetOf(command), 'GET', `/clusters/${cluster}/tags`);
      await outputOf(command, host).answer(answer, () => textTable(tagColumns, answer.tags));
    });
}
