import { element, setText } from '../dom/element.js';
import type { State } from '../state/messages.js';
import { STATE_WORDS } from '../words/words.js';
import { COLUMNS, type MachineRow } from './machine-row.js';

const STATES: readonly State[] = ['up', 'temp_disabled', 'down'];

/** One cluster: its counts, and a foldable table of its machines. */
export class ClusterSection {
  readonly element: HTMLElement;
  private readonly details: HTMLDetailsElement;
  private readonly counts = element('span', { class: 'counts' });
  private readonly bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  private readonly body = element('tbody', { role: 'rowgroup' });
  /** As shown: new ones at the end, until the next `sort`. */
  private rows: MachineRow[] = [];

  constructor(readonly clusterId: number) {
    const title = element('h3', { id: `cluster-${clusterId}` }, `Cluster ${clusterId}`);
    const heads = COLUMNS.map((name) => element('th', { scope: 'col', role: 'columnheader' }, name));
    const head = element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads));
    const labels = { role: 'table', 'aria-labelledby': title.id };
    const table = element('table', labels, head, this.body);
    const summary = element('summary', {}, title, this.bar, this.counts);
    this.details = element('details', { open: '' }, summary, table);
    this.element = element('section', { class: 'cluster' }, this.details);
    this.body.addEventListener('keydown', (event) => this.move(event));
    this.body.addEventListener('focusin', (event) => this.setTabStop(event.target));
  }

  add(row: MachineRow): void {
    this.rows.push(row);
    this.body.append(row.element);
  }

  /** Moves only the rows that are out of order, and keeps the focus. */
  sort(order: (a: MachineRow, b: MachineRow) => number): void {
    if (this.rows.every((row, i) => i === 0 || order(this.rows[i - 1] ?? row, row) <= 0)) return;
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    this.rows.sort(order);
    let next: Element | null = null;
    for (const { element } of this.rows.toReversed()) {
      if (element.nextElementSibling !== next) this.body.insertBefore(element, next);
      next = element;
    }
    if (focused instanceof HTMLElement) focused.focus();
  }

  /** Returns whether the cluster is now empty. */
  remove(row: MachineRow): boolean {
    const focused = row.element.contains(document.activeElement);
    const at = this.rows.indexOf(row);
    this.rows.splice(at, 1);
    row.element.remove();
    if (focused) (this.rows[at] ?? this.rows[at - 1])?.button.focus();
    return this.rows.length === 0;
  }

  /** Counts its machines and applies the filter; hides itself without a match. Returns the number of matches. */
  recount(matches: (row: MachineRow) => boolean): number {
    const count = { up: 0, temp_disabled: 0, down: 0 };
    let left = 0;
    for (const row of this.rows) {
      count[row.machine.state]++;
      const hidden = !matches(row);
      if (row.element.hidden !== hidden) row.element.hidden = hidden;
      if (!hidden) left++;
    }
    const parts = STATES.filter((state) => count[state] > 0).map(
      (state) => `${count[state]} ${STATE_WORDS[state].toLowerCase()}`,
    );
    setText(this.counts, parts.join(', '));
    this.drawBar(count);
    this.element.hidden = left === 0;
    this.keepOneTabStop();
    return left;
  }

  get open(): boolean {
    return this.details.open;
  }

  set open(open: boolean) {
    this.details.open = open;
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
    const rows = this.rows.filter(({ element }) => !element.hidden);
    const at = rows.findIndex(({ button }) => button === document.activeElement);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = to === undefined || at === -1 ? undefined : rows[to];
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
    const rows = this.rows.filter(({ element }) => !element.hidden);
    if (!rows.some(({ button }) => button.tabIndex === 0)) this.setTabStop(rows[0]?.button ?? null);
  }
}
