import type { Command } from 'commander';
import type { ReloadAnswer } from '../schemas/cluster.js';
import { textTable } from '../text/text-table.js';
import { reloadLine } from './change-line.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

/** `clusterer reload`: makes the service load the table again. */
export function addReload(program: Command, host: Host): void {
  program
    .command('reload')
    .description('load the table again')
    .action(async (_options: unknown, command: Command) => {
      const answer = await callRest<ReloadAnswer>(targetOf(command), 'POST', '/reload');
      const { skipped, repaired } = answer;
      const text = () => `${reloadLine(answer)}\n${rowTable('skipped', skipped)}${rowTable('repaired', repaired)}`;
      await outputOf(command, host).answer(answer, text);
    });
}

function rowTable(title: string, rows: ReloadAnswer['skipped']): string {
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
