/** A machine as routing needs it. */
export interface Waypoint {
  readonly machineId: number;
  /** Lower is preferred. */
  readonly priority: number;
}

/** Lower priority first, then lower id (F7). */
export function byPreference(one: Waypoint, other: Waypoint): number {
  return one.priority - other.priority || one.machineId - other.machineId;
}

/**
 * Returns the next hop to every machine that can be reached: itself if its link is up, otherwise the first machine of the shortest path (F7).
 * @param machines those that may be on a path, in the order of `byPreference`
 * @param isUp whether the own link to a machine is up
 * @param hasLink whether one machine has announced that its link to another is up
 */
export function nextHops(
  machines: readonly Waypoint[],
  isUp: (machineId: number) => boolean,
  hasLink: (from: number, to: number) => boolean,
): Map<number, number> {
  const hops = new Map<number, number>();
  for (const { machineId } of machines) if (isUp(machineId)) hops.set(machineId, machineId);
  // Mostly few are left, and links change often while a large fleet begins.
  let left = machines.filter(({ machineId }) => !hops.has(machineId));
  // A map also iterates over entries that are added during the loop, so this is a breadth-first search.
  for (const [from, hop] of hops) {
    if (left.length === 0) break;
    left = left.filter(({ machineId }) => {
      if (!hasLink(from, machineId)) return true;
      hops.set(machineId, hop);
      return false;
    });
  }
  return hops;
}
