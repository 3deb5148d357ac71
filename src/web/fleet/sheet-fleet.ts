import { byId } from '../dom/element.js';
import { showFacts } from '../dom/facts.js';
import type { Fleets } from '../state/fleets.js';
import type { LinkLog } from '../state/link-log.js';
import type { Machine } from '../state/messages.js';
import { machineKey, type Store } from '../state/store.js';
import { linkFacts, linkLogFacts } from './fleet-words.js';
import { pictureOf } from './picture.js';
import type { SheetTags } from './sheet-tags.js';

/** The part of a machine's sheet about its fleet. Hidden for machines of OpenSIPS 2.2. */
export class SheetFleet {
  constructor(
    private readonly store: Store,
    private readonly fleets: Fleets,
    private readonly links: LinkLog,
    private readonly tags: SheetTags,
  ) {}

  show(machine: Machine, now: number): void {
    const fleet = this.fleets.of(machine.cluster_id);
    byId('sheet-fleet', HTMLElement).hidden = fleet === undefined;
    if (fleet === undefined) return;
    const picture = pictureOf(this.store.machinesOf(machine.cluster_id), fleet.topology, fleet.tags);
    const node = picture.nodes.find(({ machineId }) => machineId === machine.machine_id);
    const facts = node === undefined ? [] : linkFacts(node);
    const log = linkLogFacts(this.links.of(machineKey(machine)), now);
    this.tags.show(machine, fleet.tags, now);
    showFacts(byId('sheet-links', HTMLElement), [...facts, ...log]);
  }
}
