import type { DrainView, MachineView } from '../schemas/machine.js';
import { oneLine } from './one-line.js';

/** A column: its title, and the value of a row in it. */
export type Column<Row> = readonly [title: string, value: (row: Row) => string | number | null];

/** Styles a cell, for example with a colour. What it adds must have no width. */
export type Paint = (cell: string, title: string) => string;

const MACHINE_COLUMNS: readonly Column<MachineView>[] = [
  ['CLUSTER', (machine) => machine.cluster_id],
  ['MACHINE', (machine) => machine.machine_id],
  ['STATE', (machine) => machine.state],
  ['URL', (machine) => machine.url],
  ['ADDRESS', (machine) => machine.address],
  ['TRIES', (machine) => `${machine.no_tries}/${machine.failed_attempts}`],
  ['DURATION', (machine) => machine.duration],
  ['ENABLED IN', (machine) => machine.seconds_until_enabling],
  ['DISABLED FOR', (machine) => machine.disabled_for.join(',')],
  ['DESCRIPTION', (machine) => machine.description],
];

/** Only present while a machine is drained, and last: scripts that read columns by position keep working. */
const DRAIN_COLUMN: Column<MachineView> = ['DRAIN', ({ drain }) => (drain === undefined ? null : drainText(drain))];

/** The table of machines, the same over HTTP and on the command line. */
export function machineTable(machines: readonly MachineView[], paint?: Paint): string {
  const drained = machines.some(({ drain }) => drain !== undefined);
  return textTable(drained ? [...MACHINE_COLUMNS, DRAIN_COLUMN] : MACHINE_COLUMNS, machines, paint);
}

/** `since 2026-11-22T13:00:00.000Z until 2026-11-22T14:00:00.000Z by alice: kernel update` */
function drainText({ since, until, by, reason }: DrainView): string {
  const limits = `since ${since}${until === null ? '' : ` until ${until}`}${by === null ? '' : ` by ${by}`}`;
  return reason === null ? limits : `${limits}: ${reason}`;
}

/** An aligned table for people. An empty cell is `-`; no value can break a line. */
export function textTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint = (cell) => cell,
): string {
  const titles = columns.map(([title]) => title);
  const cells = rows.map((row) => columns.map(([, value]) => cellText(value(row))));
  const widths = titles.map((title, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), title.length),
  );
  const aligned = (row: readonly string[], style: Paint) =>
    row.map((text, column) => style(text, titles[column] ?? '') + ' '.repeat((widths[column] ?? 0) - text.length));
  const lines = [aligned(titles, (title) => title), ...cells.map((row) => aligned(row, paint))];
  return lines.map((line) => `${line.join('  ').trimEnd()}\n`).join('');
}

function cellText(value: string | number | null): string {
  const text = oneLine(String(value ?? ''));
  return text === '' ? '-' : text;
}
