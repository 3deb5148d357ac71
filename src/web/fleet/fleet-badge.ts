import { svgElement } from '../dom/svg-element.js';
import type { Badge } from './badges.js';

/** Badges below a machine; the others are only counted. */
const MOST_BADGES = 2;
/** Longer names are cut off. The sheet has them in full. */
const LONGEST_NAME = 12;
const LETTER_WIDTH = 6.6;
const PREFIX: Readonly<Record<Badge['look'], string>> = { active: '', split: '! ', awaited: '… ' };

/** The badges below a machine, one under the other. */
export function badgeElements(badges: readonly Badge[]): SVGGElement[] {
  const shown = badges.slice(0, MOST_BADGES).map(({ tag, look }, at) => {
    const name = tag.length > LONGEST_NAME ? `${tag.slice(0, LONGEST_NAME - 1)}…` : tag;
    return badgeElement(PREFIX[look] + name, look, at);
  });
  const more = badges.length - shown.length;
  return more > 0 ? [...shown, badgeElement(`+${more}`, 'active', shown.length)] : shown;
}

function badgeElement(text: string, look: Badge['look'], at: number): SVGGElement {
  const width = text.length * LETTER_WIDTH + 10;
  const box = svgElement('rect', { x: -width / 2, y: 30 + at * 18, width, height: 16, rx: 8 });
  const name = svgElement('text', { y: 42 + at * 18 }, text);
  return svgElement('g', { class: 'badge', 'data-badge': look }, box, name);
}
