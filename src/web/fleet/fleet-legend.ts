import { element } from '../dom/element.js';
import { svgElement } from '../dom/svg-element.js';
import { LOOK_WORDS } from './fleet-words.js';
import type { LinkLook, Look, Picture } from './picture.js';
import { linePath, MARKS, OUTLINES } from './shapes.js';

const LINK_WORDS: Readonly<Record<LinkLook, string>> = {
  both: 'link',
  one: 'link that only this side sees',
  unheard: 'link to a machine that is not heard',
  none: 'link missing',
};

/** Explains the shapes and lines that a graph has. */
export function legendOf({ nodes, links }: Picture): HTMLElement {
  const looks = (Object.keys(LOOK_WORDS) as Look[]).filter((look) => nodes.some((node) => node.look === look));
  const lines = (Object.keys(LINK_WORDS) as LinkLook[]).filter((look) => links.some((link) => link.look === look));
  return element(
    'ul',
    { class: 'legend' },
    ...looks.map((look) => element('li', {}, shapeOf(look), LOOK_WORDS[look])),
    ...lines.map((look) => element('li', {}, lineOf(look), LINK_WORDS[look])),
  );
}

function shapeOf(look: Look): SVGElement {
  const outline = svgElement('path', { class: 'outline', d: OUTLINES[look] });
  const mark = svgElement('path', { class: 'mark', d: MARKS[look] });
  return keyOf(svgElement('g', { 'data-look': look }, outline, mark));
}

function lineOf(look: LinkLook): SVGElement {
  const end = look === 'both' || look === 'none' ? 13 : 39;
  const d = linePath({ from: 0, to: 0, look }, { x: -13, y: 0 }, { x: end, y: 0 });
  return keyOf(svgElement('g', { class: 'lines' }, svgElement('path', { 'data-look': look, d })));
}

function keyOf(content: SVGElement): SVGElement {
  return svgElement('svg', { viewBox: '-14 -14 28 28', 'aria-hidden': 'true' }, content);
}
