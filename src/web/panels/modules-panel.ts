import { byId, element, setText } from '../dom/element.js';
import { Sparkline } from '../dom/sparkline.js';
import type { Module } from '../state/messages.js';
import { Rates, READINGS, rateWords } from '../state/rates.js';
import type { Store } from '../state/store.js';
import { receptionCounts, receptionState, receptionWords } from '../words/reception-words.js';
import { timeOf } from '../words/times.js';
import { clusterWords } from '../words/words.js';
import { PacketsPanel } from './packets-panel.js';

interface Card {
  readonly element: HTMLDetailsElement;
  readonly state: HTMLElement;
  readonly rate: HTMLElement;
  readonly spark: Sparkline;
  readonly counts: HTMLElement;
  readonly facts: HTMLElement;
  readonly machines: HTMLElement;
  readonly packets: PacketsPanel;
}

/** The registrations, with reception and packet rate for each machine. */
export class ModulesPanel {
  private readonly list = byId('modules-list', HTMLElement);
  private readonly cards = new Map<number, Card>();
  private readonly rates = new Rates();
  /** By the cell of a machine's rate. */
  private readonly sparks = new WeakMap<Element, Sparkline>();
  private mayRead = false;

  constructor(private readonly store: Store) {}

  /** Whether the role may see the fields of packets. */
  allow(mayRead: boolean): void {
    this.mayRead = mayRead;
  }

  /** Takes new counter readings. @param at when they were read, in Unix milliseconds */
  measured(modules: readonly Module[], at: number): void {
    for (const module of modules) {
      const { number, packets } = module;
      if (this.isOwn(number)) continue;
      this.show(module, this.rates.read(String(number), packets, at), at);
    }
  }

  /** The connection was lost, so rates over the gap would be wrong. */
  interrupted(): void {
    this.rates.clear();
  }

  /** Redraws after a change of registrations or receptions. */
  redraw(): void {
    const { modules } = this.store;
    for (const [number, card] of this.cards) {
      if (modules.has(number) && !this.isOwn(number)) continue;
      card.packets.close();
      card.element.remove();
      this.cards.delete(number);
    }
    for (const module of modules.values()) if (!this.isOwn(module.number)) this.show(module, undefined, null);
    byId('modules-none', HTMLElement).hidden = this.cards.size > 0;
    setText(byId('modules-count', HTMLElement), this.cards.size === 0 ? '' : String(this.cards.size));
  }

  /** Whether the page itself reads packets through this registration. */
  private isOwn(number: number): boolean {
    return [...this.cards.values()].some(({ packets }) => packets.number === number);
  }

  private show(module: Module, rate: number | null | undefined, at: number | null): void {
    const card = this.cards.get(module.number) ?? this.newCard(module);
    const silent = module.machines.some(({ reception }) => reception === 'disabled');
    card.element.dataset.connected = String(module.connected);
    setText(card.state, module.connected ? '' : 'disconnected');
    if (rate !== undefined) {
      setText(card.rate, rateWords(rate));
      card.spark.draw(this.rates.latestOf(String(module.number)), READINGS);
    }
    const counts = module.cluster_id === 0 ? [] : receptionCounts(module.machines);
    if (module.dropped > 0) counts.push(`${module.dropped} dropped`);
    if (module.unknown_source > 0) counts.push(`${module.unknown_source} from unknown sources`);
    setText(card.counts, counts.join(', '));
    card.counts.toggleAttribute('data-silent', silent);
    setText(card.facts, factsOf(module));
    if (at !== null) this.measureMachines(module, at);
    if (card.element.open) this.showMachines(card, module);
  }

  private showMachines(card: Card, module: Module): void {
    const rows = [...card.machines.children];
    const fits = rows.length === module.machines.length && rows.every((row, i) => row.id === rowId(module, i));
    if (!fits) card.machines.replaceChildren(...module.machines.map((_, i) => newRow(module, i)));
    for (const [i, machine] of module.machines.entries()) {
      const [, reception, rate, total] = [...(card.machines.children[i]?.children ?? [])];
      if (!(reception instanceof HTMLElement && rate instanceof HTMLElement && total instanceof HTMLElement)) continue;
      reception.dataset.reception = receptionState(machine);
      setText(reception, receptionWords(machine));
      this.showRate(rate, rateName(module, machine));
      setText(total, machine.packets.toLocaleString());
    }
  }

  private showRate(cell: HTMLElement, name: string): void {
    const spark = this.sparks.get(cell) ?? new Sparkline();
    const words = cell.querySelector('span') ?? element('span');
    setText(words, rateWords(this.rates.latest(name)));
    spark.draw(this.rates.latestOf(name), READINGS);
    if (this.sparks.has(cell)) return;
    this.sparks.set(cell, spark);
    cell.replaceChildren(words, spark.element);
  }

  /** Folded cards are measured too, so that they open with rates. */
  private measureMachines(module: Module, at: number): void {
    for (const machine of module.machines) this.rates.read(rateName(module, machine), machine.packets, at);
  }

  private newCard(module: Module): Card {
    const [state, rate, counts] = [
      element('span', { class: 'disconnected' }),
      element('span', { class: 'rate' }, '–'),
      element('span', { class: 'counts' }),
    ];
    const name = element(
      'span',
      { class: 'name' },
      element('b', {}, module.module),
      ` ${clusterWords(module.cluster_id)}`,
    );
    const facts = element('p', { class: 'quiet' });
    const machines = element('tbody');
    const heads = ['Machine', 'Reception', 'Rate', 'Total'].map((text) => element('th', { scope: 'col' }, text));
    const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), machines);
    const spark = new Sparkline();
    const summary = element('summary', {}, name, state, rate, counts, spark.element);
    const packets = new PacketsPanel(module, () => this.mayRead);
    const card = {
      element: element('details', { class: 'module' }, summary, facts, table, packets.element),
      state,
      rate,
      spark,
      counts,
      facts,
      machines,
      packets,
    };
    table.hidden = module.cluster_id === 0;
    card.element.addEventListener('toggle', () => {
      const now = this.store.modules.get(module.number);
      if (now !== undefined && card.element.open) this.showMachines(card, now);
    });
    this.cards.set(module.number, card);
    this.list.append(card.element);
    return card;
  }
}

function factsOf({ number, protocol, timeout, auth_check, since, packets }: Module): string {
  const silence = timeout === 0 ? 'no silence timeout' : `silence timeout ${timeout} s`;
  const check = auth_check ? 'senders checked' : 'senders not checked';
  const total = `${packets.toLocaleString()} packets since ${timeOf(since, Date.now())}`;
  return `Registration ${number}, ${protocol}, ${silence}, ${check}, ${total}`;
}

function rateName({ number }: Module, { machine_id }: Module['machines'][number]): string {
  return `${number}/${machine_id}`;
}

function rowId(module: Module, i: number): string {
  return `module-${module.number}-${module.machines[i]?.machine_id}`;
}

function newRow(module: Module, i: number): HTMLTableRowElement {
  const name = element('th', { scope: 'row' }, String(module.machines[i]?.machine_id));
  const cells = [element('td'), element('td', {}, '–'), element('td')];
  return element('tr', { id: rowId(module, i) }, name, ...cells);
}
