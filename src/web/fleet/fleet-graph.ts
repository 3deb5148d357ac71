import { setAttributes, svgElement } from '../dom/svg-element.js';
import { badgeElements } from './fleet-badge.js';
import { nodeWords, pictureWords } from './fleet-words.js';
import type { Picture, PictureNode } from './picture.js';
import { type Point, ringOf, SIZE } from './ring.js';
import { linePath, MARKS, OUTLINES } from './shapes.js';

/** With more machines than this, ordinary links are drawn fainter. */
const DENSE_ABOVE = 20;

/** The machines of a cluster as nodes on rings, and their links as lines. Elements are kept, so the focus stays where it is. */
export class FleetGraph {
  readonly element: SVGSVGElement;
  private readonly lines = svgElement('g', { class: 'lines', 'aria-hidden': 'true' });
  private readonly nodes = svgElement('g');
  /** The names of the nodes say the same. */
  private readonly badges = svgElement('g', { class: 'badges', 'aria-hidden': 'true' });
  private readonly lineOf = new Map<string, SVGPathElement>();
  private readonly nodeOf = new Map<number, Node>();

  /** @param open opens the sheet of a machine */
  constructor(
    private readonly clusterId: number,
    private readonly open: (machineId: number) => void,
  ) {
    const view = `0 0 ${SIZE} ${SIZE}`;
    this.element = svgElement(
      'svg',
      { class: 'graph', viewBox: view, role: 'group' },
      this.lines,
      this.nodes,
      this.badges,
    );
  }

  show(picture: Picture): void {
    const label = `Picture of cluster ${this.clusterId}: ${pictureWords(picture)}`;
    setAttributes(this.element, { 'aria-label': label });
    this.element.toggleAttribute('data-dense', picture.nodes.length > DENSE_ABOVE);
    const places = ringOf(picture.nodes.length);
    const placeOf = new Map(picture.nodes.map(({ machineId }, at) => [machineId, places[at] ?? { x: 0, y: 0 }]));
    this.showNodes(picture, placeOf);
    this.showLines(picture, placeOf);
    const badges = picture.nodes.map((node, at) => badgeElements(node.badges, places[at] ?? { x: 0, y: 0 }));
    this.badges.replaceChildren(...badges.flat());
  }

  private showNodes({ nodes }: Picture, placeOf: ReadonlyMap<number, Point>): void {
    for (const [id, node] of this.nodeOf) {
      if (placeOf.has(id)) continue;
      node.element.remove();
      this.nodeOf.delete(id);
    }
    for (const [at, shown] of nodes.entries()) {
      const node = this.nodeOf.get(shown.machineId) ?? new Node(shown.machineId, this.open);
      this.nodeOf.set(shown.machineId, node);
      const place = placeOf.get(shown.machineId);
      if (place !== undefined) node.show(shown, place);
      // The order of Tab is that of the elements.
      if (this.nodes.children[at] !== node.element) {
        this.nodes.insertBefore(node.element, this.nodes.children[at] ?? null);
      }
    }
  }

  private showLines({ links }: Picture, placeOf: ReadonlyMap<number, Point>): void {
    const kept = new Set<string>();
    for (const link of links) {
      const [from, to] = [placeOf.get(link.from), placeOf.get(link.to)];
      if (from === undefined || to === undefined) continue;
      const key = `${link.look} ${link.from}-${link.to}`;
      kept.add(key);
      const line = this.lineOf.get(key) ?? svgElement('path');
      setAttributes(line, { d: linePath(link, from, to), 'data-look': link.look });
      if (this.lineOf.has(key)) continue;
      this.lineOf.set(key, line);
      // Whatever is unusual is above the rest.
      if (link.look === 'both') this.lines.prepend(line);
      else this.lines.append(line);
    }
    for (const [key, line] of this.lineOf) {
      if (kept.has(key)) continue;
      line.remove();
      this.lineOf.delete(key);
    }
  }
}

/** One machine: a button, unless it is this service, which has no sheet. */
class Node {
  readonly element: SVGGElement;
  private readonly outline = svgElement('path', { class: 'outline' });
  private readonly mark = svgElement('path', { class: 'mark' });

  constructor(machineId: number, open: (machineId: number) => void) {
    // Larger than the shape, for fingers.
    const target = svgElement('circle', { class: 'target', r: 16 });
    const name = svgElement('text', { y: 25 }, String(machineId));
    this.element = svgElement('g', { 'data-machine': machineId }, target, this.outline, this.mark, name);
    const openUnlessOwn = () => {
      if (this.element.getAttribute('role') === 'button') open(machineId);
    };
    this.element.addEventListener('click', openUnlessOwn);
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      openUnlessOwn();
    });
  }

  show(node: PictureNode, { x, y }: Point): void {
    const role = node.look === 'own' ? 'img' : 'button';
    const words = { role, tabindex: 0, 'aria-label': nodeWords(node) };
    setAttributes(this.element, { ...words, 'data-look': node.look, transform: `translate(${x} ${y})` });
    setAttributes(this.outline, { d: OUTLINES[node.look] });
    setAttributes(this.mark, { d: MARKS[node.look] });
  }
}
