import type { TagView } from '../../schemas/tags.js';
import { byId, element } from '../dom/element.js';
import type { Fleets } from '../state/fleets.js';
import type { Machine } from '../state/messages.js';
import { isSettledAt, tagStateWords, tagWishWords } from './tag-words.js';

/** The sharing tags in a machine's sheet, each with a button that makes the machine active. */
export class SheetTags {
  private readonly list = byId('sheet-tags', HTMLElement);
  private allowed = false;

  /** @param move starts the action that makes the machine active */
  constructor(
    private readonly fleets: Fleets,
    private readonly move: (machine: Machine, tag: TagView) => void,
  ) {}

  /** Enables the buttons, depending on the role. They are drawn with the next `show`. */
  allow(allowed: boolean): void {
    this.allowed = allowed;
  }

  /** Draws only what has changed, so that a button keeps the focus. */
  show(machine: Machine, now: number): void {
    const tags = this.fleets.of(machine.cluster_id)?.tags ?? [];
    byId('sheet-tags-title', HTMLElement).hidden = tags.length === 0;
    const shown = JSON.stringify([machine.cluster_id, machine.machine_id, this.allowed, tags]);
    if (this.list.dataset.shown === shown) return;
    this.list.dataset.shown = shown;
    this.list.replaceChildren(...tags.map((tag) => this.itemOf(machine, tag, now)));
  }

  private itemOf(machine: Machine, tag: TagView, now: number): HTMLLIElement {
    const { machine_id } = machine;
    const wish = element('span', { class: 'quiet' }, tagWishWords(tag, now));
    const words = element('span', {}, element('b', {}, tag.tag), ` ${tagStateWords(tag, machine_id)} `, wish);
    const button = element('button', { type: 'button', class: 'small' }, 'Make active…');
    button.setAttribute('aria-label', `Make active for ${tag.tag}…`);
    button.disabled = !this.allowed;
    button.addEventListener('click', () => this.move(machine, tag));
    return element('li', {}, words, ...(isSettledAt(tag, machine_id) ? [] : [button]));
  }
}
