import { type Command, Option } from 'commander';
import type { HistoryEntryView, HistoryPage } from '../schemas/history.js';
import { HISTORY_KINDS, LARGEST_HISTORY_PAGE } from '../schemas/values.js';
import { type Column, textTable } from '../text/text-table.js';
import { count, id, time } from './arguments.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { callRest } from './rest.js';
import { targetOf } from './target.js';

interface Options {
  readonly cluster?: number;
  readonly machine?: number;
  readonly kind?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

const COLUMNS: readonly Column<HistoryEntryView>[] = [
  ['TIME', ({ at }) => at],
  ['CLUSTER', ({ cluster_id }) => cluster_id],
  ['MACHINE', ({ machine_id }) => machine_id],
  ['KIND', ({ kind }) => kind],
  ['CAUSE', ({ cause }) => cause],
  ['BY', ({ by }) => by],
  ['DETAIL', ({ detail }) => detailText(detail)],
];

/** `clusterer history`: past events, newest first. */
export function addHistory(program: Command, host: Host): void {
  program
    .command('history')
    .description('list past events, newest first')
    .option('-c, --cluster <id>', 'only events of this cluster', id)
    .option('-m, --machine <id>', 'only events of machines with this id', id)
    .addOption(new Option('-k, --kind <kind>', 'only events of this kind').choices(HISTORY_KINDS))
    .option('--since <time>', 'from this time on (RFC 3339, such as 2026-11-22T18:00:00Z)', time)
    .option('--until <time>', 'before this time', time)
    .option('-n, --limit <number>', 'at most this many events', count, 100)
    .action(async (options: Options, command: Command) => {
      const page = await newest(options, command);
      await outputOf(command, host).answer(page, () => textTable(COLUMNS, page.entries));
    });
}

/** As many pages as the limit takes. `next_cursor` is that of the last page. */
async function newest(options: Options, command: Command): Promise<HistoryPage> {
  const { cluster, machine, kind, since, until, limit } = options;
  const target = targetOf(command);
  const entries: HistoryEntryView[] = [];
  let cursor: string | undefined;
  do {
    const size = Math.min(limit - entries.length, LARGEST_HISTORY_PAGE);
    const query = { cluster_id: cluster, machine_id: machine, kind, since, until, limit: size, cursor };
    const page: HistoryPage = await callRest(target, 'GET', '/history', { query });
    entries.push(...page.entries);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && entries.length < limit);
  return { entries, next_cursor: cursor ?? null };
}

/** `from=up to=down` */
function detailText(detail: HistoryEntryView['detail']): string {
  const fields = Object.entries(detail).filter(([, value]) => value !== null);
  return fields
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
