import type { Look, PictureLink } from './picture.js';
import type { Point } from './ring.js';

// The path of each shape, around 0,0. A look differs from the others in shape, not only in colour.

const DISC = 'M-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0Z';
const SQUARE = 'M-8 -8H8V8H-8Z';

export const OUTLINES: Readonly<Record<Look, string>> = {
  own: 'M0 -12L12 0L0 12L-12 0Z',
  up: DISC,
  waiting: DISC,
  temp_disabled: DISC,
  down: SQUARE,
  drained: SQUARE,
};

/** What is inside the outline: the lower half of the disc, a cross, or the two bars of a pause. */
export const MARKS: Readonly<Record<Look, string>> = {
  own: '',
  up: '',
  waiting: '',
  temp_disabled: 'M-9 0a9 9 0 0 0 18 0Z',
  down: 'M-4.5 -4.5L4.5 4.5M4.5 -4.5L-4.5 4.5',
  drained: 'M-2.5 -4.5V4.5M2.5 -4.5V4.5',
};

/** A link of which only one side is known to see it is a line from that side to the middle. */
export function linePath({ look }: PictureLink, from: Point, to: Point): string {
  const end = look === 'one' || look === 'unheard' ? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 } : to;
  return `M${from.x} ${from.y}L${end.x} ${end.y}`;
}
