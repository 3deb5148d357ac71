import { element } from '../dom/element.js';
import { badgeWords } from './badges.js';
import { idsWords, LOOK_WORDS, nodeWords, pictureWords } from './fleet-words.js';
import type { Picture, PictureNode } from './picture.js';

/** The signs of a cell: the links of the machine of the row to each machine, in the order of the rows. */
const SIGNS = { itself: '╲', linked: '■', onlyItSays: '◧', onlyTheySay: '◨', missing: '×', none: '·' } as const;
type Sign = keyof typeof SIGNS;

const SIGN_WORDS: Readonly<Record<Exclude<Sign, 'itself'>, string>> = {
  linked: 'link',
  onlyItSays: 'link that only the machine of the row sees',
  onlyTheySay: 'link that only the other machine sees',
  missing: 'link missing',
  none: 'nothing known',
};

/** The machines of a large cluster as rows. The links of each are one line of signs; equal neighbours are one element. */
export class FleetMatrix {
  readonly element: HTMLElement;
  private readonly caption = element('caption', { class: 'unseen' });
  private readonly body = element('tbody');

  /** @param open opens the sheet of a machine */
  constructor(
    private readonly clusterId: number,
    private readonly open: (machineId: number) => void,
  ) {
    const heads = ['Machine', 'State', 'Links'].map((name) => element('th', { scope: 'col' }, name));
    const table = element('table', {}, this.caption, element('thead', {}, element('tr', {}, ...heads)), this.body);
    const label = `Links of cluster ${clusterId}`;
    this.element = element('div', { class: 'matrix', role: 'region', tabindex: '0', 'aria-label': label }, table);
  }

  show(picture: Picture): void {
    const focused = document.activeElement?.getAttribute('data-machine');
    this.caption.textContent = `Links of cluster ${this.clusterId}: ${pictureWords(picture)}`;
    this.body.replaceChildren(...picture.nodes.map((node) => this.rowOf(node, picture)));
    if (focused != null) this.body.querySelector<HTMLElement>(`button[data-machine="${focused}"]`)?.focus();
  }

  private rowOf(node: PictureNode, { nodes }: Picture): HTMLTableRowElement {
    const { machineId, look, badges } = node;
    const name = element('th', { scope: 'row' });
    if (look === 'own') name.append(`Machine ${machineId}`);
    else {
      const button = element('button', { type: 'button', class: 'machine', 'data-machine': String(machineId) });
      button.textContent = `Machine ${machineId}`;
      button.addEventListener('click', () => this.open(machineId));
      name.append(button);
    }
    const signs = element('span', { class: 'signs', 'aria-hidden': 'true' }, ...runsOf(node, nodes));
    const words = element('span', { class: 'unseen' }, nodeWords(node));
    const state = element('td', {}, [LOOK_WORDS[look], ...badges.map(badgeWords)].join(', '));
    return element('tr', { 'data-look': look }, name, state, element('td', {}, signs, words));
  }
}

/** Explains the signs. The columns are in the order of the rows. */
export function signsLegend(): HTMLElement {
  const items = Object.entries(SIGN_WORDS).map(([sign, words]) => {
    const key = element('i', { 'data-sign': sign, 'aria-hidden': 'true' }, SIGNS[sign as Sign]);
    return element('li', {}, element('span', { class: 'signs' }, key), words);
  });
  return element('ul', { class: 'legend' }, ...items);
}

function runsOf(node: PictureNode, nodes: readonly PictureNode[]): HTMLElement[] {
  const signOf = new Map<number, Sign>([[node.machineId, 'itself']]);
  for (const list of ['linked', 'onlyItSays', 'onlyTheySay', 'missing'] as const) {
    for (const id of node[list]) signOf.set(id, list);
  }
  const runs: { sign: Sign; ids: number[] }[] = [];
  for (const { machineId } of nodes) {
    const sign = signOf.get(machineId) ?? 'none';
    const last = runs.at(-1);
    if (last?.sign === sign) last.ids.push(machineId);
    else runs.push({ sign, ids: [machineId] });
  }
  return runs.map(({ sign, ids }) =>
    element('i', { 'data-sign': sign, title: idsWords(ids) }, SIGNS[sign].repeat(ids.length)),
  );
}
