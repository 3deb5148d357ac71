import { element, setText } from '../dom/element.js';
import { timeOf } from '../words/times.js';
import { FleetGraph } from './fleet-graph.js';
import { legendOf } from './fleet-legend.js';
import { FleetMatrix, signsLegend } from './fleet-matrix.js';
import { nodeWords, pictureWords } from './fleet-words.js';
import type { Picture, PictureNode } from './picture.js';

/** More machines than this are a matrix instead of a graph. */
export const MOST_IN_GRAPH = 60;

/** The last event of a cluster, as a sentence. */
export interface LastEvent {
  /** Unix milliseconds. */
  readonly at: number;
  readonly text: string;
}

/** The foldable picture of one cluster, with its legend and the same as text. */
export class FleetSection {
  readonly element: HTMLElement;
  private readonly details: HTMLDetailsElement;
  private readonly counts = element('span', { class: 'counts' });
  private readonly last = element('p', { class: 'quiet last' });
  private readonly place = element('div');
  private readonly legend = element('div');
  private readonly list = element('ul');
  private readonly graph: FleetGraph;
  private readonly matrix: FleetMatrix;
  private picture: Picture = { nodes: [], links: [] };
  private drawn = '';
  /** Whether the user has folded or unfolded it. */
  private isUsers = false;

  constructor(clusterId: number, open: (machineId: number) => void) {
    this.graph = new FleetGraph(clusterId, open);
    this.matrix = new FleetMatrix(clusterId, open);
    const summary = element('summary', {}, element('h3', {}, `Fleet of cluster ${clusterId}`), this.counts);
    const text = element('details', { class: 'text' }, element('summary', {}, 'As text'), this.list);
    this.details = element('details', {}, summary, this.place, this.legend, this.last, text);
    this.element = element('section', { class: 'fleet' }, this.details);
    this.details.addEventListener('toggle', () => this.draw());
    summary.addEventListener('click', () => {
      this.isUsers = true;
    });
  }

  /** Unfolds or folds it, unless the user has done so. */
  unfold(isOpen: boolean): void {
    if (!this.isUsers) this.details.open = isOpen;
  }

  show(picture: Picture, last: LastEvent | null): void {
    this.picture = picture;
    setText(this.counts, pictureWords(picture));
    setText(this.last, last === null ? '' : `Last event: ${timeOf(last.at, Date.now())}  ${last.text}`);
    this.draw();
  }

  nodeOf(machineId: number): PictureNode | undefined {
    return this.picture.nodes.find((node) => node.machineId === machineId);
  }

  private draw(): void {
    const { picture } = this;
    const shown = JSON.stringify(picture);
    if (!this.details.open || shown === this.drawn) return;
    this.drawn = shown;
    const isLarge = picture.nodes.length > MOST_IN_GRAPH;
    const drawing = isLarge ? this.matrix : this.graph;
    drawing.show(picture);
    if (drawing.element.parentElement === null) this.place.replaceChildren(drawing.element);
    this.legend.replaceChildren(isLarge ? signsLegend() : legendOf(picture));
    this.list.replaceChildren(...picture.nodes.map((node) => element('li', {}, nodeWords(node))));
  }
}
