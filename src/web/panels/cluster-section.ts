import { element, setText } from '../dom/element.js';
import type { Visible } from '../dom/visible.js';
import type { State } from '../state/messages.js';
import { STATE_WORDS } from '../words/words.js';
import { COLUMNS, type MachineRow } from './machine-row.js';
import { RowBlocks } from './row-blocks.js';

const STATES: readonly State[] = ['up', 'temp_disabled', 'down'];

/** One cluster: its counts, and a foldable table of its machines. */
export class ClusterSection {
  readonly element: HTMLElement;
  private readonly details: HTMLDetailsElement;
  private readonly counts = element('span', { class: 'counts' });
  private readonly bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  private readonly blocks: RowBlocks;
  private readonly rows: MachineRow[] = [];
  /** Those that match the filter, as of the last `arrange`. */
  private shown: readonly MachineRow[] = [];

  constructor(
    readonly clusterId: number,
    visible: Visible,
  ) {
    const title = element('h3', { id: `cluster-${clusterId}` }, `Cluster ${clusterId}`);
    const heads = COLUMNS.map((name) => element('th', { scope: 'col', role: 'columnheader' }, name));
    const head = element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads));
    const labels = { role: 'table', 'aria-labelledby': title.id };
    const table = element('table', labels, head);
    this.blocks = new RowBlocks(table, visible);
    const summary = element('summary', {}, title, this.bar, this.counts);
    this.details = element('details', { open: '' }, summary, table);
    this.element = element('section', { class: 'cluster' }, this.details);
    table.addEventListener('keydown', (event) => this.move(event));
    table.addEventListener('focusin', (event) => this.setTabStop(event.target));
  }

  /** It is shown from the next `arrange`. */
  add(row: MachineRow): void {
    this.rows.push(row);
  }

  /** Returns whether the cluster is now empty. */
  remove(row: MachineRow): boolean {
    const isFocused = row.element.contains(document.activeElement);
    const at = this.shown.indexOf(row);
    this.rows.splice(this.rows.indexOf(row), 1);
    row.element.remove();
    if (isFocused) (this.shown[at + 1] ?? this.shown[at - 1])?.button.focus();
    return this.rows.length === 0;
  }

  /**
   * Counts its machines, and shows those that match in this order; hides itself without a match. The focus stays. Returns the number of
   * matches.
   */
  arrange(order: (a: MachineRow, b: MachineRow) => number, matches: (row: MachineRow) => boolean): number {
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    this.rows.sort(order);
    this.shown = this.rows.filter(matches);
    this.blocks.show(this.shown);
    if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus({ preventScroll: true });
    this.element.hidden = this.shown.length === 0;
    this.keepOneTabStop();
    this.count();
    return this.shown.length;
  }

  get open(): boolean {
    return this.details.open;
  }

  set open(open: boolean) {
    this.details.open = open;
  }

  private count(): void {
    const count = { up: 0, temp_disabled: 0, down: 0 };
    for (const { machine } of this.rows) count[machine.state]++;
    const parts = STATES.filter((state) => count[state] > 0).map(
      (state) => `${count[state]} ${STATE_WORDS[state].toLowerCase()}`,
    );
    setText(this.counts, parts.join(', '));
    this.drawBar(count);
  }

  private drawBar(count: Readonly<Record<State, number>>): void {
    const parts = STATES.filter((state) => count[state] > 0).map((state) => {
      const share = element('i', { 'data-state': state });
      share.style.flexGrow = String(count[state]);
      return share;
    });
    this.bar.replaceChildren(...parts);
  }

  /** Arrow keys, Home and End move between machines; Tab passes the whole table at once. */
  private move(event: KeyboardEvent): void {
    const at = this.shown.findIndex(({ button }) => button === document.activeElement);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: this.shown.length - 1 }[event.key];
    const next = to === undefined || at === -1 ? undefined : this.shown[to];
    if (next === undefined) return;
    event.preventDefault();
    next.button.focus();
  }

  private setTabStop(target: EventTarget | null): void {
    for (const { button } of this.rows) {
      const tabIndex = button === target ? 0 : -1;
      if (button.tabIndex !== tabIndex) button.tabIndex = tabIndex;
    }
  }

  private keepOneTabStop(): void {
    if (!this.shown.some(({ button }) => button.tabIndex === 0)) this.setTabStop(this.shown[0]?.button ?? null);
  }
}
