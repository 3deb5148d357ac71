import type { Command } from 'commander';
import type { ReloadAnswer } from '../schemas/cluster.js';
import { textTable } from '../text/text-table.js';
import { outputOf } from './arguments.js';
import { reloadLine } from './change-line.js';
import { answerOf, restOf } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer reload`: the table is read again. */
export function addReload(program: Command): void {
  program
    .command('reload')
    .description('read the table again')
    .action(async (_options: unknown, command: Command) => {
      const target = targetOf(command);
      const answer = await answerOf(target, restOf(target).POST('/reload'));
      const { skipped, repaired } = answer;
      const shown = () => `${reloadLine(answer)}\n${rowsOf('skipped', skipped)}${rowsOf('repaired', repaired)}`;
      await outputOf(command).answer(answer, shown);
    });
}

function rowsOf(title: string, rows: ReloadAnswer['skipped']): string {
  if (rows.length === 0) return '';
  const table = textTable(
    [
      ['ROW', (row) => row.clusterer_id],
      ['FIELD', (row) => row.field],
      ['REASON', (row) => row.reason],
    ],
    rows,
  );
  return `${title}:\n${table}`;
}
