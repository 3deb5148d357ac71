import { byId, setText } from '../dom/element.js';
import type { RedrawScheduler } from '../dom/redraw-scheduler.js';
import type { Visible } from '../dom/visible.js';
import { orderOf } from '../state/orders.js';
import type { PageAddress } from '../state/page-address.js';
import type { Store } from '../state/store.js';
import { ClusterSection } from './cluster-section.js';
import { Filter } from './filter.js';
import { MachineRow } from './machine-row.js';

/** With more machines than this, clusters start folded. */
const FOLD_ABOVE = 2000;

/** All machines, by cluster. A change redraws only its row and the counts. */
export class MachineList {
  private readonly rows = new Map<string, MachineRow>();
  private readonly sections = new Map<number, ClusterSection>();
  private readonly changed = new Set<string>();
  private readonly container = byId('clusters', HTMLElement);
  private readonly filter: Filter;
  private readonly update = () => this.draw();
  private readonly arrange = () => this.rearrange();

  /** @param open opens the sheet of a machine */
  constructor(
    private readonly store: Store,
    private readonly scheduler: RedrawScheduler,
    private readonly visible: Visible,
    address: PageAddress,
    private readonly open: (key: string) => void,
  ) {
    this.filter = new Filter(address, () => this.rearrange());
    byId('clear-filter', HTMLButtonElement).addEventListener('click', () => this.filter.clear());
  }

  /** Redraws machines that were added, changed or removed. */
  redraw(keys: Iterable<string>): void {
    for (const key of keys) this.changed.add(key);
    this.scheduler.request(this.update);
  }

  /** The page's address has another filter. */
  addressChanged(): void {
    this.filter.read();
    this.scheduler.request(this.arrange);
  }

  redrawAll(): void {
    this.redraw([...this.rows.keys(), ...this.store.machines.keys()]);
  }

  private draw(): void {
    for (const key of this.changed) {
      const shown = this.store.machines.get(key);
      const row = this.rows.get(key);
      if (shown === undefined) this.drop(key, row);
      else if (row === undefined) this.add(key);
      else row.show(shown);
    }
    this.changed.clear();
    this.scheduler.request(this.arrange);
  }

  private add(key: string): void {
    const shown = this.store.machines.get(key);
    if (shown === undefined) return;
    const row = new MachineRow(shown, () => this.open(key));
    this.rows.set(key, row);
    this.section(shown.machine.cluster_id).add(row);
  }

  private drop(key: string, row: MachineRow | undefined): void {
    if (row === undefined) return;
    const { cluster_id } = row.machine;
    this.rows.delete(key);
    const section = this.sections.get(cluster_id);
    if (section === undefined || !section.remove(row)) return;
    section.element.remove();
    this.sections.delete(cluster_id);
  }

  private section(clusterId: number): ClusterSection {
    const there = this.sections.get(clusterId);
    if (there !== undefined) return there;
    const section = new ClusterSection(clusterId, this.visible);
    section.open = this.store.machines.size <= FOLD_ABOVE;
    const next = [...this.sections.keys()].filter((id) => id > clusterId).sort((a, b) => a - b)[0];
    const before = next === undefined ? null : (this.sections.get(next)?.element ?? null);
    this.container.insertBefore(section.element, before);
    this.sections.set(clusterId, section);
    return section;
  }

  private rearrange(): void {
    const matches = this.filter.matcher();
    const order = orderOf(this.filter.order);
    let left = 0;
    for (const section of this.sections.values()) {
      left += section.arrange(
        (a, b) => order(a.known, b.known),
        (row) => matches(row.machine),
      );
    }
    const total = this.store.machines.size;
    this.filter.count(
      this.store,
      [...this.sections.keys()].sort((a, b) => a - b),
    );
    byId('empty', HTMLElement).hidden = total > 0;
    byId('filters', HTMLElement).hidden = total === 0;
    byId('nothing-found', HTMLElement).hidden = left > 0 || total === 0;
    const up = [...this.store.machines.values()].filter(({ machine }) => machine.state === 'up').length;
    document.title = up === total ? 'Clusterer' : `${total - up} not up, Clusterer`;
    setText(byId('found', HTMLElement), this.filter.active ? `${left} of ${total} machines are shown` : '');
  }
}
