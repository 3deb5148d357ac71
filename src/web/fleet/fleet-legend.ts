import { element } from '../dom/element.js';
import { svgElement } from '../dom/svg-element.js';
import { LOOK_WORDS } from '../words/fleet-words.js';
import type { Look, Picture, PictureLink } from './picture.js';
import { linePath, MARKS, OUTLINES } from './shapes.js';

const LINK_WORDS: Readonly<Record<PictureLink['look'], string>> = {
  both: 'link',
  one: 'only this side sees the link',
  none: 'link missing',
};

/** Explains the shapes and lines that a picture has. */
export function legendOf({ nodes, links }: Picture): HTMLElement {
  const looks = (Object.keys(LOOK_WORDS) as Look[]).filter((look) => nodes.some((node) => node.look === look));
  const lines = (Object.keys(LINK_WORDS) as PictureLink['look'][]).filter((look) =>
    links.some((link) => link.look === look),
  );
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

function lineOf(look: PictureLink['look']): SVGElement {
  const d = linePath({ from: 0, to: 0, look }, { x: -13, y: 0 }, { x: 13, y: 0 });
  return keyOf(svgElement('g', { class: 'lines' }, svgElement('path', { 'data-look': look, d })));
}

function keyOf(content: SVGElement): SVGElement {
  return svgElement('svg', { viewBox: '-14 -14 28 28', 'aria-hidden': 'true' }, content);
}
