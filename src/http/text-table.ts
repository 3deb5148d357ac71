import type { MachineView } from '../schemas/machine.js';

const COLUMNS: readonly (readonly [string, (machine: MachineView) => string | number | null])[] = [
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

/** An aligned table for people; what a cell does not have is `-`, and no value can break a line. */
export function textTable(machines: readonly MachineView[]): string {
  const titles = COLUMNS.map(([title]) => title);
  const rows = machines.map((machine) => COLUMNS.map(([, value]) => cellText(value(machine))));
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [titles, ...rows].map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function cellText(value: string | number | null): string {
  const text = String(value ?? '').replaceAll(/\p{Cc}/gu, ' ');
  return text === '' ? '-' : text;
}
