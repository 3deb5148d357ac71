import { element, setText } from '../dom/element.js';
import type { KnownMachine } from '../state/store.js';
import { linkWords } from '../words/link-words.js';
import { limitOf, returnWords, STATE_WORDS, sinceNote, sinceWords, why } from '../words/words.js';

export const COLUMNS = ['Machine', 'State', 'Why', 'Since', 'Tries', 'Address'] as const;

/** One machine in its cluster's table. Only changed cells are written. */
export class MachineRow {
  readonly element: HTMLTableRowElement;
  readonly button: HTMLButtonElement;
  private readonly description = element('span', { class: 'description' });
  private readonly silent = element('span', { class: 'silent' });
  private readonly state = element('span', { class: 'state' });
  private readonly returns = element('span', { class: 'returns' });
  private readonly link = element('span', { class: 'returns' });
  private readonly why = element('span');
  private readonly since = cell('since');
  private readonly tries = cell('tries');
  private readonly address = cell('address');
  private shown: KnownMachine;

  /** @param open opens the sheet of the machine */
  constructor(shown: KnownMachine, open: () => void) {
    this.shown = shown;
    const { machine_id } = shown.machine;
    this.button = element('button', { type: 'button', class: 'machine', tabindex: '-1' }, `Machine ${machine_id}`);
    this.button.addEventListener('click', open);
    const name = element('th', { scope: 'row', role: 'rowheader' }, this.button, ' ', this.description);
    const state = element('td', { role: 'cell', class: 'how' }, this.state, ' ', this.returns, ' ', this.link);
    const why = element('td', { role: 'cell', class: 'why' }, this.why, ' ', this.silent);
    this.element = element('tr', { role: 'row' }, name, state, why, this.since, this.tries, this.address);
    this.show(shown);
  }

  get known(): KnownMachine {
    return this.shown;
  }

  get machine() {
    return this.shown.machine;
  }

  show(shown: KnownMachine): void {
    this.shown = shown;
    const { machine, since } = shown;
    const now = Date.now();
    if (this.element.dataset.state !== machine.state) this.element.dataset.state = machine.state;
    this.element.toggleAttribute('data-drained', machine.drain !== undefined);
    setText(this.state, STATE_WORDS[machine.state]);
    setText(this.link, linkWords(machine));
    setText(this.description, machine.description ?? '');
    setText(this.silent, machine.disabled_for.length === 0 ? '' : `silent for ${machine.disabled_for.join(', ')}`);
    setText(this.why, why(machine, since));
    setText(this.since, sinceWords(machine, since, now));
    this.since.title = since.known === 'before' ? sinceNote(since, now) : '';
    this.since.dataset.known = machine.drain === undefined ? since.known : 'observed';
    setText(this.tries, `${machine.no_tries} of ${limitOf(machine) ?? '∞'}`);
    this.tries.toggleAttribute('data-some', machine.no_tries > 0);
    setText(this.address, machine.url);
    if (machine.address === null) this.address.title = 'The host cannot be resolved';
    else this.address.title = machine.address;
    this.address.toggleAttribute('data-unresolved', machine.address === null);
    this.tick();
  }

  /** Runs once a second while the row is in view. */
  tick(): void {
    setText(this.returns, returnWords(this.shown.machine, this.shown.updatedAt, Date.now()));
  }
}

function cell(name: string): HTMLTableCellElement {
  return element('td', { class: name, role: 'cell' });
}
