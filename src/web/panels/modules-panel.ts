import { byId, element, setText } from '../dom/element.js';
import type { Api } from '../state/api.js';
import type { Module } from '../state/messages.js';
import type { PacketRates } from '../state/packet-rates.js';
import type { Store } from '../state/store.js';
import { receptionCounts } from '../words/reception-words.js';
import { timeOf } from '../words/times.js';
import { clusterWords } from '../words/words.js';
import { ModuleMachines } from './module-machines.js';
import { PacketsPanel } from './packets-panel.js';
import { RateLine } from './rate-line.js';

interface Card {
  readonly element: HTMLDetailsElement;
  readonly state: HTMLElement;
  readonly rate: RateLine;
  readonly counts: HTMLElement;
  readonly facts: HTMLElement;
  readonly machines: ModuleMachines;
  readonly packets: PacketsPanel;
}

/** The registrations, with reception and packet rate for each machine. */
export class ModulesPanel {
  private readonly list = byId('modules-list', HTMLElement);
  private readonly cards = new Map<number, Card>();
  private mayRead = false;

  constructor(
    private readonly store: Store,
    private readonly rates: PacketRates,
    private readonly api: Api,
  ) {}

  /** Whether the role may see the fields of packets. */
  allow(mayRead: boolean): void {
    this.mayRead = mayRead;
  }

  /** Redraws after a change of registrations or receptions, and after new rates. */
  redraw(): void {
    const { modules } = this.store;
    for (const [number, card] of this.cards) {
      if (modules.has(number) && !this.isOwn(number)) continue;
      card.packets.close();
      card.element.remove();
      this.cards.delete(number);
    }
    for (const module of modules.values()) if (!this.isOwn(module.number)) this.show(module);
    byId('modules-none', HTMLElement).hidden = this.cards.size > 0;
    setText(byId('modules-count', HTMLElement), this.cards.size === 0 ? '' : String(this.cards.size));
  }

  /** Whether the page itself reads packets through this registration. */
  private isOwn(number: number): boolean {
    return [...this.cards.values()].some(({ packets }) => packets.number === number);
  }

  private show(module: Module): void {
    const card = this.cards.get(module.number) ?? this.newCard(module);
    const silent = module.machines.some(({ reception }) => reception === 'disabled');
    card.element.dataset.connected = String(module.connected);
    setText(card.state, module.connected ? '' : 'disconnected');
    card.rate.show(this.rates.of(module.number));
    const counts = module.cluster_id === 0 ? [] : receptionCounts(module.machines);
    if (module.dropped > 0) counts.push(`${module.dropped} dropped`);
    if (module.unknown_source > 0) counts.push(`${module.unknown_source} from unknown sources`);
    setText(card.counts, counts.join(', '));
    card.counts.toggleAttribute('data-silent', silent);
    setText(card.facts, factsOf(module));
    if (card.element.open) card.machines.show(module);
  }

  private newCard(module: Module): Card {
    const [state, counts] = [element('span', { class: 'disconnected' }), element('span', { class: 'counts' })];
    const name = element(
      'span',
      { class: 'name' },
      element('b', {}, module.module),
      ` ${clusterWords(module.cluster_id)}`,
    );
    const facts = element('p', { class: 'quiet' });
    const rate = new RateLine();
    const machines = new ModuleMachines(this.rates);
    machines.element.hidden = module.cluster_id === 0;
    const summary = element('summary', {}, name, state, rate.words, counts, rate.line);
    const packets = new PacketsPanel(module, this.api, () => this.mayRead);
    const whole = element('details', { class: 'module' }, summary, facts, machines.element, packets.element);
    whole.addEventListener('toggle', () => {
      const now = this.store.modules.get(module.number);
      if (now !== undefined && whole.open) machines.show(now);
    });
    const card = { element: whole, state, rate, counts, facts, machines, packets };
    this.cards.set(module.number, card);
    this.list.append(whole);
    return card;
  }
}

function factsOf({ number, protocol, timeout, auth_check, since, packets }: Module): string {
  const silence = timeout === 0 ? 'no silence timeout' : `silence timeout ${timeout} s`;
  const check = auth_check ? 'senders checked' : 'senders not checked';
  const total = `${packets.toLocaleString()} packets since ${timeOf(since, Date.now())}`;
  return `Registration ${number}, ${protocol}, ${silence}, ${check}, ${total}`;
}
