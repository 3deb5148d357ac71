import { svgElement } from '../dom/svg-element.js';
import type { Badge } from './badges.js';
import { type Point, SIZE } from './ring.js';

/** Badges of a machine; the others are only counted. */
const MOST_BADGES = 2;
/** Longer names are cut off. The sheet has them in full. */
const LONGEST_NAME = 12;
const LETTER_WIDTH = 6.6;
/** How far the last badge reaches below its machine. */
const LOWEST = 30 + (MOST_BADGES + 1) * 18;
const PREFIX: Readonly<Record<Badge['look'], string>> = { active: '', split: '! ', awaited: '… ' };

/** The badges of a machine at `place`: below it, or above it at the lower edge of the picture. They stay inside the picture. */
export function badgeElements(badges: readonly Badge[], { x, y }: Point): SVGGElement[] {
  const texts = badges.slice(0, MOST_BADGES).map(({ tag, look }) => {
    const name = tag.length > LONGEST_NAME ? `${tag.slice(0, LONGEST_NAME - 1)}…` : tag;
    return [look, PREFIX[look] + name] as const;
  });
  const more = badges.length - texts.length;
  if (more > 0) texts.push(['active', `+${more}`]);
  return texts.map(([look, text], at) => {
    const half = (text.length * LETTER_WIDTH + 10) / 2;
    const middle = Math.min(Math.max(x, half), SIZE - half);
    const top = y + (y + LOWEST > SIZE ? -32 - at * 18 : 30 + at * 18);
    const box = svgElement('rect', { x: middle - half, y: top, width: 2 * half, height: 16, rx: 8 });
    return svgElement('g', { 'data-badge': look }, box, svgElement('text', { x: middle, y: top + 12 }, text));
  });
}
