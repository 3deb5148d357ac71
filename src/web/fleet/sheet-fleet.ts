import { byId } from '../dom/element.js';
import { showFacts } from '../dom/facts.js';
import type { LinkLog } from '../state/link-log.js';
import type { Machine } from '../state/messages.js';
import { machineKey } from '../state/store.js';
import type { FleetView } from './fleet-view.js';
import { linkFacts, linkLogFacts } from './fleet-words.js';
import type { SheetTags } from './sheet-tags.js';

/** The part of a machine's sheet about its fleet. Hidden for machines of OpenSIPS 2.2. */
export class SheetFleet {
  constructor(
    private readonly view: FleetView,
    private readonly links: LinkLog,
    private readonly tags: SheetTags,
  ) {}

  show(machine: Machine, now: number): void {
    const node = this.view.nodeOf(machine);
    byId('sheet-fleet', HTMLElement).hidden = node === undefined;
    if (node === undefined) return;
    const log = linkLogFacts(this.links.of(machineKey(machine)), now);
    this.tags.show(machine, now);
    showFacts(byId('sheet-links', HTMLElement), [...linkFacts(node), ...log]);
  }
}
