import { type Command, Option } from 'commander';
import type { TagView } from '../schemas/tags.js';
import { textTable } from '../text/text-table.js';
import { id, ids, seconds } from './arguments.js';
import type { Host } from './host.js';
import { tagColumns } from './lists.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

interface Options {
  readonly failover?: readonly number[];
  readonly after?: number;
  readonly release?: true;
}

/** `clusterer tag`: makes a sharing tag active on one machine and keeps it so, or releases it. */
export function addTag(program: Command, host: Host): void {
  program
    .command('tag')
    .description('make a sharing tag active on one machine and backup on the others, or release it')
    .argument('<cluster>', 'cluster id', id)
    .argument('<name>', 'name of the tag')
    .argument('[machine]', 'machine id of the new owner', id)
    .option('--failover <ids>', 'machines that take the tag over when its owner is lost, in this order', idList)
    .option('--after <seconds>', 'how long the owner must be lost (default: 10)', seconds)
    .addOption(
      new Option('--release', 'do not manage the tag any more; nothing is sent').conflicts(['failover', 'after']),
    )
    .action(async (cluster: number, name: string, machine: number | undefined, options: Options, command: Command) => {
      const { failover, after, release = false } = options;
      if (release === (machine !== undefined)) command.error('error: name either a machine or --release');
      const target = targetOf(command);
      const output = outputOf(command, host);
      const path = `/clusters/${cluster}/tags/${encodeURIComponent(name)}`;
      if (release) {
        await callRest(target, 'DELETE', path);
        return output.answer({ released: name }, () => `released ${name} of cluster ${cluster}\n`);
      }
      const body = {
        owner: machine,
        ...(failover !== undefined && { failover }),
        ...(after !== undefined && { after_seconds: after }),
      };
      const tag = await callRest<TagView>(target, 'PUT', path, { body });
      return output.answer(tag, () => textTable(tagColumns, [tag]));
    });
}

/** The order is that of the failover, so it is kept. */
function idList(text: string): readonly number[] {
  return text.split(',').flatMap((part) => ids(part));
}
