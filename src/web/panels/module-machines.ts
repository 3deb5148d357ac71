import { element, setText } from '../dom/element.js';
import type { Module } from '../state/messages.js';
import type { PacketRates } from '../state/packet-rates.js';
import { receptionState, receptionWords } from '../words/reception-words.js';
import { RateLine } from './rate-line.js';

interface Row {
  readonly element: HTMLTableRowElement;
  readonly machineId: number;
  readonly reception: HTMLElement;
  readonly rate: RateLine;
  readonly total: HTMLElement;
}

/** What a module receives from each machine: a table in its card. */
export class ModuleMachines {
  readonly element: HTMLTableElement;
  private readonly body = element('tbody');
  private rows: Row[] = [];

  constructor(private readonly rates: PacketRates) {
    const heads = ['Machine', 'Reception', 'Rate', 'Total'].map((text) => element('th', { scope: 'col' }, text));
    this.element = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), this.body);
  }

  show({ number, machines }: Module): void {
    const fits =
      this.rows.length === machines.length && this.rows.every((row, i) => row.machineId === machines[i]?.machine_id);
    if (!fits) {
      this.rows = machines.map(({ machine_id }) => newRow(machine_id));
      this.body.replaceChildren(...this.rows.map((row) => row.element));
    }
    for (const [i, machine] of machines.entries()) {
      const row = this.rows[i];
      if (row === undefined) continue;
      row.reception.dataset.reception = receptionState(machine);
      setText(row.reception, receptionWords(machine));
      row.rate.show(this.rates.ofMachine(number, machine.machine_id));
      setText(row.total, machine.packets.toLocaleString());
    }
  }
}

function newRow(machineId: number): Row {
  const [reception, total, rate] = [element('td'), element('td'), new RateLine()];
  const name = element('th', { scope: 'row' }, String(machineId));
  const cells = [reception, element('td', {}, rate.words, rate.line), total];
  return { element: element('tr', {}, name, ...cells), machineId, reception, rate, total };
}
