import type { Family } from '../../wire/cluster/family.js';
import type { Turn } from './effects.js';
import type { Floods } from './floods.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import { tagFamilyOf } from './tag-family.js';

/** All releases with tags know this name, 4.0 as an alias. */
const SET_ACTIVE = 'clusterer_shtag_set_active';

/** Sends the two messages about tags, to machines that have tags and can be reached (G2). */
export class TagMessages {
  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
  ) {}

  /** Runs the command on the machine that makes it active. */
  activate(peer: Peer, tag: string, turn: Turn): void {
    const way = this.wayTo(peer);
    if (way === null) return;
    const { clusterId } = this.shared.options;
    const parameters = [`${tag}/${clusterId}`];
    this.send(peer, way, { type: 'mi', command: SET_ACTIVE, parameters }, turn);
  }

  /** Announces this service as active, which makes the machine backup. Returns whether that was sent. */
  demote(peer: Peer, tag: string, turn: Turn): boolean {
    const way = this.wayTo(peer);
    if (way !== null) this.send(peer, way, { type: 'tag_active', tag }, turn);
    return way !== null;
  }

  private wayTo(peer: Peer): { readonly hop: number; readonly family: Family } | null {
    // The route to a machine is updated after its link came up.
    const hop = peer.isUp ? peer.machineId : peer.nextHop;
    const family = tagFamilyOf(peer);
    return hop === null || family === null || family === 'none' ? null : { hop, family };
  }

  private send(
    { machineId: destination }: Peer,
    { hop, family }: { readonly hop: number; readonly family: Family },
    content:
      | { readonly type: 'mi'; readonly command: string; readonly parameters: readonly string[] }
      | { readonly type: 'tag_active'; readonly tag: string },
    turn: Turn,
  ): void {
    const { clusterId, machineId: origin } = this.shared.options;
    this.floods.transmit({ machineId: hop }, { ...content, clusterId, origin, destination }, turn, family);
  }
}
