import type { TagView } from '../../schemas/tags.js';
import type { RedrawScheduler } from '../dom/redraw-scheduler.js';
import type { Api } from '../state/api.js';
import { Fleets } from '../state/fleets.js';
import { LinkLog } from '../state/link-log.js';
import type { Change, Machine } from '../state/messages.js';
import { machineKey, type Store } from '../state/store.js';
import { FleetView } from './fleet-view.js';
import { SheetFleet } from './sheet-fleet.js';
import { SheetTags } from './sheet-tags.js';

export interface FleetListener {
  /** Opens the sheet of a machine. */
  open(key: string): void;
  /** Starts the action that makes a machine active for a tag. */
  move(machine: Machine, tag: TagView): void;
  /** A fleet was read. */
  read(): void;
}

/** All parts of the page about fleets of OpenSIPS 2.4 to 4.0. */
export class FleetPanel {
  readonly links = new LinkLog();
  readonly sheet: SheetFleet;
  private readonly fleets: Fleets;
  private readonly view: FleetView;
  private readonly tags: SheetTags;

  constructor(api: Api, store: Store, scheduler: RedrawScheduler, listener: FleetListener) {
    this.fleets = new Fleets(api, store, (clusterId) => {
      this.view.changed([clusterId]);
      listener.read();
    });
    this.view = new FleetView(store, this.fleets, scheduler, (key) => listener.open(key));
    this.tags = new SheetTags(this.fleets, (machine, tag) => listener.move(machine, tag));
    this.sheet = new SheetFleet(this.view, this.links, this.tags);
  }

  /** Enables what changes tags, depending on the role. */
  allow(allowed: boolean): void {
    this.tags.allow(allowed);
  }

  /** Called after each connect, when the store has the machines. */
  begin(): void {
    this.fleets.begin();
  }

  /** Called after the store has applied the change. */
  apply(change: Change, at: number): void {
    if (change.method === 'link') this.links.add(machineKey(change.params), { at, to: change.params.to });
    this.fleets.apply(change);
    this.view.apply(change, at);
  }

  /** A list has changed machines. */
  machinesChanged(): void {
    this.view.changed(this.fleets.all.map(([clusterId]) => clusterId));
  }
}
