import type { Fleet } from '../../domain/fleet/fleet.js';
import type { KnownTag } from '../../domain/fleet/tag.js';
import { tagFamilyOf } from '../../domain/fleet/tag-family.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock } from '../../ground/ports.js';
import { withTimeout } from '../../ground/with-timeout.js';
import type { TagBody, TagList, TagView } from '../../schemas/tags.js';
import type { Actor } from '../actor.js';
import type { EngineLoop } from '../engine-loop.js';
import type { FleetRecords } from '../table/fleet-records.js';
import { knownCluster, unknownMachine } from '../views/errors.js';
import { tagView } from '../views/tag-view.js';

/** How long a call waits for the new owner's own announcement. */
const CONFIRMATION_MS = 3_000;

/** Sharing tags: who is active, and who is to be. */
export class TagCalls {
  /** Called after every change of a tag. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly loop: EngineLoop,
    private readonly clock: Clock,
    private readonly records: FleetRecords,
    private readonly serverId: number,
  ) {}

  /** Empty in a cluster of dialect 2.2. @throws `unknown_cluster` */
  list(clusterId: number): TagList {
    const { fleet } = knownCluster(this.loop.engine.table, clusterId);
    return { tags: (fleet?.tags.all ?? []).map(tagView) };
  }

  /**
   * The managed tags, and whether the owner of each cannot be active: nobody reaches it, or another machine was active after it. An owner that is
   * reached and has said nothing, as after a restart of this service, is not lost. @throws `unknown_cluster`
   */
  lost(clusterId: number): { readonly tag: string; readonly isLost: boolean }[] {
    const { fleet } = knownCluster(this.loop.engine.table, clusterId);
    if (fleet === null) return [];
    return fleet.tags.all.flatMap(({ tag, owner, isManaged, states }) => {
      if (!isManaged || owner === null) return [];
      const state = states.get(owner) ?? 'unknown';
      const isReached = (fleet.peers.of(owner)?.nextHop ?? null) !== null;
      return [{ tag, isLost: state === 'backup' || (state === 'unknown' && !isReached) }];
    });
  }

  /**
   * Gives the tag to a machine. Returns when that machine has announced that it is active, at once if it had before.
   * @throws `unknown_cluster`, `unknown_machine`, `tags_not_supported`, `tag_not_confirmed` after 3 s: the service then tries again (G5)
   */
  async set(clusterId: number, tag: string, body: TagBody, actor: Actor): Promise<TagView> {
    const { owner, failover = [], after_seconds = 10 } = body;
    const fleet = this.fleetOf(clusterId);
    for (const machineId of [owner, ...failover]) this.checkMachine(clusterId, fleet, machineId);
    await this.loop.apply({ type: 'set_tag', clusterId, tag, owner, failover, afterMs: after_seconds * 1_000 }, actor);
    await Promise.all([this.records.settled(), this.confirmed(fleet, tag, owner)]);
    const known = fleet.tags.of(tag);
    if (known.owner === owner && isActive(known, owner)) return tagView(known);
    throw notConfirmed(clusterId, owner, known);
  }

  /** The tag is not managed any more. Nothing is sent. @throws `unknown_cluster` */
  async release(clusterId: number, tag: string, actor: Actor): Promise<void> {
    knownCluster(this.loop.engine.table, clusterId);
    await this.loop.apply({ type: 'release_tag', clusterId, tag }, actor);
    await this.records.settled();
  }

  /** Gives a managed tag to its owner again, without waiting for its announcement. Returns false for a tag that is not managed. @throws `unknown_cluster` */
  async assertOwner(clusterId: number, tag: string, actor: Actor): Promise<boolean> {
    const { fleet } = knownCluster(this.loop.engine.table, clusterId);
    const known = fleet?.tags.of(tag);
    if (known === undefined || !known.isManaged || known.owner === null || known.afterMs === null) return false;
    const { owner, failover, afterMs } = known;
    await this.loop.apply({ type: 'set_tag', clusterId, tag, owner, failover, afterMs }, actor);
    await this.records.settled();
    return true;
  }

  /** A tag has changed. */
  changed(): void {
    for (const check of this.waiting) check();
  }

  private fleetOf(clusterId: number): Fleet {
    const { fleet } = knownCluster(this.loop.engine.table, clusterId);
    if (fleet !== null) return fleet;
    const detail = `Cluster ${clusterId} speaks dialect 2.2, which has no sharing tags. Set CLUSTERER_DIALECT if its machines run OpenSIPS 2.4 or later.`;
    throw new ServiceError('tags_not_supported', detail);
  }

  private checkMachine(clusterId: number, fleet: Fleet, machineId: number): void {
    if (machineId === this.serverId) {
      const detail = `Machine ${machineId} is this service, which handles no calls and so owns no tags. Name another machine.`;
      throw new ServiceError('tags_not_supported', detail);
    }
    const peer = fleet.peers.of(machineId);
    if (peer === undefined) throw unknownMachine(clusterId, machineId);
    if (tagFamilyOf(peer) !== 'none') return;
    const detail = `Machine ${machineId} of cluster ${clusterId} writes packets like OpenSIPS 2.4, which has no sharing tags of the cluster. If it runs 3.0 or 3.1, run clusterer_shtag_set_active on it once, and then repeat the call.`;
    throw new ServiceError('tags_not_supported', detail);
  }

  /** Resolves when the machine is active, the tag was given to another one, or it takes too long. */
  private async confirmed(fleet: Fleet, tag: string, owner: number): Promise<void> {
    const isDecided = () => {
      const known = fleet.tags.of(tag);
      return known.owner !== owner || isActive(known, owner);
    };
    if (isDecided()) return;
    let check = () => {};
    const decided = new Promise<void>((resolve) => {
      check = () => {
        if (isDecided()) resolve();
      };
    });
    this.waiting.add(check);
    await withTimeout(this.clock, CONFIRMATION_MS, decided);
    this.waiting.delete(check);
  }
}

function isActive({ states }: KnownTag, machineId: number): boolean {
  return states.get(machineId) === 'active';
}

function notConfirmed(clusterId: number, owner: number, known: KnownTag): ServiceError {
  const { tag } = known;
  const next =
    known.owner === owner
      ? `The service tries again when its link comes up or another machine is active: GET /clusters/${clusterId}/tags shows the result. Check the link to the machine, and its release.`
      : `Meanwhile the tag was changed again: GET /clusters/${clusterId}/tags shows it.`;
  const detail = `Machine ${owner} has not announced that it is active for ${tag}. ${next}`;
  return new ServiceError('tag_not_confirmed', detail, { tag: tagView(known) });
}
