/**
 * Splits packets that follow each other directly, by their lengths.
 * @throws Error when there are not `count` of them, or one is not whole
 */
export function separated(packets: Buffer, count: number): Buffer[] {
  const each: Buffer[] = [];
  let at = 0;
  while (at < packets.length) {
    const end = at + (packets.readUInt32LE(at + 4) & 0xffff);
    if (end === at || end > packets.length) throw new Error(`the packet at ${at} does not end where it should`);
    each.push(packets.subarray(at, end));
    at = end;
  }
  if (each.length !== count) throw new Error(`there are ${each.length} packets, not ${count}`);
  return each;
}
