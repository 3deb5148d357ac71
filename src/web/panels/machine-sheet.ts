import { byId, element, setText } from '../dom/element.js';
import { showFacts } from '../dom/facts.js';
import type { SheetFleet } from '../fleet/sheet-fleet.js';
import type { Machine } from '../state/messages.js';
import type { PageAddress } from '../state/page-address.js';
import { machineKey, type Store } from '../state/store.js';
import { fleetFacts } from '../words/link-words.js';
import { lengthOf, timeOf } from '../words/times.js';
import { capital, clusterWords, limitOf, nameOf, returnWords, STATE_WORDS, sinceWords, why } from '../words/words.js';
import type { Activity } from './activity.js';
import type { SheetReceptions } from './sheet-receptions.js';

/** The actions of the sheet; each has a button with that id. */
export type SheetAction = 'set-up' | 'take-down' | 'drain' | 'change' | 'remove';
const SHEET_ACTIONS: readonly SheetAction[] = ['set-up', 'take-down', 'drain', 'change', 'remove'];

/** The details of one machine, kept up to date while open, and its actions. */
export class MachineSheet {
  private readonly dialog = byId('sheet', HTMLDialogElement);
  private key = '';
  private allowed = false;

  /** @param act starts an action on the machine */
  constructor(
    private readonly store: Store,
    private readonly activity: Activity,
    private readonly fleet: SheetFleet,
    private readonly receptions: SheetReceptions,
    private readonly address: PageAddress,
    act: (act: SheetAction, machine: Machine) => void,
  ) {
    this.dialog.addEventListener('close', () => this.address.set('machine', ''));
    byId('sheet-close', HTMLButtonElement).addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('click', (event) => {
      // A click on the backdrop.
      if (event.target === this.dialog) this.dialog.close();
    });
    for (const name of SHEET_ACTIONS) {
      byId(name, HTMLButtonElement).addEventListener('click', () => {
        const machine = this.store.machines.get(this.key)?.machine;
        if (machine !== undefined) act(name, machine);
      });
    }
    setInterval(() => this.redraw(), 1000);
  }

  /** Enables the buttons, depending on the role. */
  allow(allowed: boolean): void {
    this.allowed = allowed;
    byId('sheet-role', HTMLElement).hidden = allowed;
    this.redraw();
  }

  open(key: string): void {
    this.key = key;
    this.redraw();
    this.address.set('machine', key);
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** Opens the machine of the page's address, if there is one. */
  openAddressed(): void {
    const key = this.address.get('machine');
    if (key !== '' && this.store.machines.has(key)) this.open(key);
    else if (key === '') this.close();
  }

  close(): void {
    this.dialog.close();
  }

  redraw(): void {
    const shown = this.store.machines.get(this.key);
    if (shown === undefined) {
      if (this.dialog.open) this.dialog.close();
      return;
    }
    const { machine, since, updatedAt } = shown;
    const now = Date.now();
    setText(byId('sheet-title', HTMLElement), capital(nameOf(machine)));
    const state = byId('sheet-state', HTMLElement);
    state.dataset.state = machine.state;
    state.toggleAttribute('data-drained', machine.drain !== undefined);
    setText(state, STATE_WORDS[machine.state]);
    setText(
      byId('sheet-why', HTMLElement),
      [why(machine, since), returnWords(machine, updatedAt, now)].filter((text) => text !== '').join(', '),
    );
    setText(byId('sheet-since', HTMLElement), `since ${sinceWords(machine, since, now)}`);
    showFacts(byId('sheet-facts', HTMLElement), factsOf(machine, now));
    this.fleet.show(machine, now);
    this.receptions.show(machine);
    this.showActivity(machine, now);
    this.showActs(machine);
  }

  private showActivity(machine: Machine, now: number): void {
    const list = byId('sheet-activity', HTMLElement);
    const entries = this.activity.of(machineKey(machine)).slice(0, 20);
    const texts = entries.map(({ at, text }) => `${timeOf(at, now)}  ${text}`);
    if (list.dataset.shown === texts.join('\n')) return;
    list.dataset.shown = texts.join('\n');
    list.replaceChildren(...texts.map((text) => element('li', {}, text)));
    if (texts.length === 0) list.append(element('li', { class: 'quiet' }, 'No activity yet'));
  }

  private showActs({ state, drain, learned }: Machine): void {
    const draining = drain !== undefined;
    setText(byId('drain', HTMLButtonElement), draining ? 'Change drain…' : 'Drain…');
    byId('set-up', HTMLButtonElement).hidden = state === 'up';
    setText(byId('take-down', HTMLButtonElement), state === 'down' ? 'Keep down…' : 'Take down…');
    // A machine that is down without a drain can be brought up by a reload; `take-down` makes it last.
    byId('take-down', HTMLButtonElement).hidden = drain?.until === null;
    // What its cluster told of is not in the table.
    for (const name of ['change', 'remove'] as const) byId(name, HTMLButtonElement).hidden = learned === true;
    for (const name of SHEET_ACTIONS) byId(name, HTMLButtonElement).disabled = !this.allowed;
  }
}

function factsOf(machine: Machine, now: number): [string, string][] {
  const { last_attempt, no_tries, drain } = machine;
  const limit = limitOf(machine);
  return [
    ['Address', machine.url],
    ['Resolved', machine.address ?? 'host cannot be resolved'],
    ['Tries', limit === null ? `${no_tries}; never disabled` : `${no_tries} of ${limit}`],
    ['Last failure', last_attempt > 0 ? timeOf(last_attempt * 1000, now) : 'never'],
    ['Time disabled', machine.link === undefined ? lengthOf(machine.duration) : 'until it answers'],
    ...(drain === undefined
      ? []
      : [
          ['Drain ends', drain.until === null ? 'when someone sets it up' : timeOf(Date.parse(drain.until), now)] as [
            string,
            string,
          ],
        ]),
    ['Description', machine.description ?? 'none'],
    ...fleetFacts(machine),
    ['Row', `${rowWords(machine)}, ${clusterWords(machine.cluster_id)}`],
  ];
}

function rowWords({ clusterer_id, learned }: Machine): string {
  return learned === true ? 'none: its cluster told of it' : `${clusterer_id} of the table`;
}
