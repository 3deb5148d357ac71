/** The picture is a square of this many units. */
export const SIZE = 440;

/** More machines than this are drawn on several rings, so that each is a target large enough for a finger. */
const MOST_ON_A_RING = 20;
const OUTER_RADIUS = 180;
const RING_GAP = 43;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The place of each of `count` machines: clockwise from the top, in turn on each ring. The same count gives the same places. */
export function ringOf(count: number): Point[] {
  const rings = Math.ceil(count / MOST_ON_A_RING);
  return Array.from({ length: count }, (_, at) => {
    const radius = count === 1 ? 0 : OUTER_RADIUS - (at % rings) * RING_GAP;
    const angle = (2 * Math.PI * at) / count;
    return { x: rounded(SIZE / 2 + radius * Math.sin(angle)), y: rounded(SIZE / 2 - radius * Math.cos(angle)) };
  });
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
