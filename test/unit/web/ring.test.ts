import { type Point, ringOf, SIZE } from '../../../src/web/fleet/ring.js';

/** Units of the picture that are 24 CSS pixels, the smallest target, on a phone 390 pixels wide. */
const SMALLEST_TARGET = (24 * SIZE) / 360;

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

describe('the places of machines', () => {
  it('are the same for the same number, with the first at the top', () => {
    expect(ringOf(5)).toEqual(ringOf(5));
    expect(ringOf(5)[0]).toEqual({ x: 220, y: 40 });
    expect(ringOf(1)).toEqual([{ x: 220, y: 220 }]);
    expect(ringOf(0)).toEqual([]);
  });

  test.each([2, 8, 20, 21, 40, 41, 60])('of %i machines are in the picture and apart', (count) => {
    const places = ringOf(count);
    const distances = places.flatMap((a, at) => places.slice(at + 1).map((b) => distance(a, b)));
    expect(Math.min(...distances)).toBeGreaterThan(SMALLEST_TARGET);
    for (const { x, y } of places) {
      expect(Math.min(x, y, SIZE - x, SIZE - y)).toBeGreaterThanOrEqual(30);
    }
  });
});
