/** Each of so many frames that lie one right behind the other. */
export function separated(frames: Buffer, count: number): Buffer[] {
  let at = 0;
  const each = Array.from({ length: count }, () => {
    const start = at;
    at += frames.readUInt16LE(start + 4);
    return frames.subarray(start, at);
  });
  expect(at).toBe(frames.length);
  return each;
}
