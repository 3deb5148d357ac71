import type { Shared } from './options.js';
import type { TagWish } from './tag.js';
import { tagFamilyOf } from './tag-family.js';

/** After this time without a failover the next one does not wait longer (G8). */
const QUIET_MS = 600_000;

/** A wait doubles at most this often: with the longest `after_seconds` that is 2,800 years. */
const MOST_DOUBLINGS = 20;

/** The number of failovers in a row before one of an owner that was lost at this time (G8). */
export function movesInARow({ moves, since }: TagWish, lostAtUnixMs: number): number {
  return lostAtUnixMs - since >= QUIET_MS ? 0 : moves;
}

/** How long the link to the owner must be down before the tag moves (G8). */
export function waitMs(wish: TagWish, lostAtUnixMs: number): number {
  return wish.afterMs * 2 ** Math.min(movesInARow(wish, lostAtUnixMs), MOST_DOUBLINGS);
}

/**
 * Whether the machine is lost to all, and not only to this service (G7): more than half of the cluster is on our side, and at least half of the
 * machines that are up have announced their links without one to it.
 */
export function isLostToAll(machineId: number, { peers, topology }: Shared): boolean {
  const others = peers.up.filter((peer) => peer.machineId !== machineId);
  const cluster = peers.all.filter((peer) => peer.member.isEnabled).length + 1;
  if (2 * (others.length + 1) <= cluster) return false;
  const witnesses = others.filter((peer) => {
    return topology.hasTold(peer.machineId) && !topology.neighboursOf(peer.machineId).has(machineId);
  });
  return witnesses.length > 0 && 2 * witnesses.length >= others.length;
}

/** The first machine of the list that can take the tag, or null. */
export function nextOwner({ owner, failover }: TagWish, { peers }: Shared): number | null {
  const next = failover.find((machineId) => {
    const peer = peers.of(machineId);
    const family = peer?.isUp ? tagFamilyOf(peer) : null;
    return machineId !== owner && family !== null && family !== 'none';
  });
  return next ?? null;
}
