import { byId } from '../dom/element.js';
import type { RedrawScheduler } from '../dom/redraw-scheduler.js';
import type { Fleets } from '../state/fleets.js';
import { type Change, clusterOf, type Machine } from '../state/messages.js';
import { machineKey, type Store } from '../state/store.js';
import { FleetSection, type LastEvent } from './fleet-section.js';
import { fleetEventWords } from './fleet-words.js';
import { type PictureNode, pictureOf } from './picture.js';

/** The pictures of all clusters of OpenSIPS 2.4 to 4.0. */
export class FleetView {
  private readonly container = byId('fleets', HTMLElement);
  private readonly cluster = byId('cluster', HTMLSelectElement);
  private readonly sections = new Map<number, FleetSection>();
  private readonly last = new Map<number, LastEvent>();
  private readonly stale = new Set<number>();
  private readonly draw = () => this.redraw();

  /** @param open opens the sheet of a machine */
  constructor(
    private readonly store: Store,
    private readonly fleets: Fleets,
    private readonly scheduler: RedrawScheduler,
    private readonly open: (key: string) => void,
  ) {
    const filtered = () => this.scheduler.request(this.draw);
    this.cluster.addEventListener('change', filtered);
    byId('clear-filter', HTMLButtonElement).addEventListener('click', filtered);
  }

  /** Called with the clusters that were read, or whose machines have changed. */
  changed(clusterIds: Iterable<number>): void {
    for (const clusterId of clusterIds) this.stale.add(clusterId);
    this.scheduler.request(this.draw);
  }

  /** The machine as last drawn. */
  nodeOf({ cluster_id, machine_id }: Machine): PictureNode | undefined {
    return this.sections.get(cluster_id)?.nodeOf(machine_id);
  }

  apply(change: Change, at: number): void {
    const text = fleetEventWords(change);
    const clusterId = clusterOf(change);
    if (text !== '' && clusterId !== null) this.last.set(clusterId, { at, text });
    this.changed(clusterId === null ? [] : [clusterId]);
  }

  private redraw(): void {
    const chosen = Number(this.cluster.value);
    const all = this.fleets.all;
    for (const [clusterId, section] of this.sections) {
      if (this.fleets.of(clusterId) !== undefined) continue;
      section.element.remove();
      this.sections.delete(clusterId);
    }
    for (const [at, [clusterId, { topology, tags }]] of all.entries()) {
      const section = this.sectionOf(clusterId);
      section.element.hidden = chosen !== 0 && chosen !== clusterId;
      // Pictures stand above the lists: of several, the first one is enough to see.
      section.unfold(at === 0 || chosen === clusterId);
      if (this.stale.has(clusterId))
        section.show(pictureOf(this.store.machinesOf(clusterId), topology, tags), this.last.get(clusterId) ?? null);
      if (this.container.children[at] !== section.element) {
        this.container.insertBefore(section.element, this.container.children[at] ?? null);
      }
    }
    this.stale.clear();
  }

  private sectionOf(clusterId: number): FleetSection {
    const open = (machine_id: number) => this.open(machineKey({ cluster_id: clusterId, machine_id }));
    const section = this.sections.get(clusterId) ?? new FleetSection(clusterId, open);
    this.sections.set(clusterId, section);
    return section;
  }
}
