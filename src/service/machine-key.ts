/** One text for a machine, as the key of a map. */
export function machineKey({
  clusterId,
  machineId,
}: {
  readonly clusterId: number;
  readonly machineId: number;
}): string {
  return `${clusterId}/${machineId}`;
}
