import { byId, element, setText } from '../dom/element.js';
import type { RedrawScheduler } from '../dom/redraw-scheduler.js';
import { timeOf } from '../words/times.js';
import type { Activity } from './activity.js';
import type { Entry } from './activity-entry.js';
import type { Line } from './activity-lines.js';

/** The activity list, which can be paused. */
export class ActivityPanel {
  private readonly list = byId('activity-list', HTMLOListElement);
  private readonly log = byId('activity-log', HTMLElement);
  private readonly pause = byId('activity-pause', HTMLButtonElement);
  private readonly items = new Map<Entry, { readonly item: HTMLLIElement; readonly line: Line }>();
  private paused = false;
  private waiting = 0;
  private readonly draw = () => this.redraw();

  constructor(
    private readonly activity: Activity,
    private readonly scheduler: RedrawScheduler,
    /** Opens the sheet of a machine. */
    private readonly open: (key: string) => void,
  ) {
    this.pause.addEventListener('click', () => {
      this.paused = !this.paused;
      this.waiting = 0;
      this.pause.setAttribute('aria-pressed', String(this.paused));
      this.scheduler.request(this.draw);
    });
    this.redraw();
  }

  /** Called with the number of new entries. */
  added(count: number): void {
    if (this.paused) this.waiting += count;
    this.scheduler.request(this.draw);
  }

  /** Shows the history without announcing it to screen readers. */
  began(): void {
    this.log.setAttribute('aria-live', 'off');
    this.redraw();
    requestAnimationFrame(() => this.log.setAttribute('aria-live', 'polite'));
  }

  /** Writes all lines again, because times are shown in another zone. */
  rewrite(): void {
    for (const { item } of this.items.values()) item.remove();
    this.items.clear();
    this.redraw();
  }

  private redraw(): void {
    setText(this.pause, this.waiting === 0 ? 'Pause' : `Pause (${this.waiting} new)`);
    if (this.paused) return;
    const { lines } = this.activity;
    byId('activity-none', HTMLElement).hidden = lines.length > 0;
    const kept = new Map(lines.map((line) => [line.first, line]));
    for (const [entry, { item, line }] of this.items) {
      if (kept.get(entry)?.text === line.text) continue;
      item.remove();
      this.items.delete(entry);
    }
    let before: Element | null = null;
    for (const line of lines.toReversed()) {
      const item: HTMLLIElement = this.items.get(line.first)?.item ?? this.itemOf(line);
      if (item.parentElement === null) this.list.insertBefore(item, before);
      before = item;
    }
  }

  private itemOf(line: Line): HTMLLIElement {
    const { at, text, key, kind, first } = line;
    const time = element('time', { datetime: new Date(at).toISOString() }, timeOf(at, Date.now()));
    const words = element(key === null ? 'span' : 'button', key === null ? {} : { type: 'button' }, text);
    if (key !== null) words.addEventListener('click', () => this.open(key));
    const item = element('li', { 'data-state': kind }, time, words);
    this.items.set(first, { item, line });
    return item;
  }
}
