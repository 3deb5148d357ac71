import { byId, element, setText } from '../dom/element.js';
import type { Machine } from '../state/messages.js';
import type { PacketRates } from '../state/packet-rates.js';
import type { Store } from '../state/store.js';
import { receptionDetails } from '../words/reception-words.js';
import { RateLine } from './rate-line.js';

interface Line {
  readonly name: HTMLElement;
  readonly value: HTMLElement;
  readonly words: HTMLElement;
  readonly rate: RateLine;
}

/** The part of a machine's sheet that says what each module receives from it. */
export class SheetReceptions {
  private readonly section = byId('sheet-reception', HTMLElement);
  private readonly list = byId('sheet-receptions', HTMLElement);
  private lines: Line[] = [];

  constructor(
    private readonly store: Store,
    private readonly rates: PacketRates,
  ) {}

  show({ cluster_id, machine_id }: Machine): void {
    const shown = [...this.store.modules.values()].flatMap((module) => {
      const heard = module.machines.find((one) => one.machine_id === machine_id);
      return module.cluster_id === cluster_id && heard !== undefined ? [{ module, heard }] : [];
    });
    this.section.hidden = shown.length === 0;
    if (shown.length !== this.lines.length) this.lay(shown.length);
    for (const [i, { module, heard }] of shown.entries()) {
      const line = this.lines[i];
      if (line === undefined) continue;
      setText(line.name, `${module.module} (${module.number})`);
      setText(line.words, receptionDetails(heard));
      line.rate.show(this.rates.ofMachine(module.number, machine_id));
    }
  }

  private lay(count: number): void {
    this.lines = Array.from({ length: count }, () => {
      const [words, rate] = [element('span'), new RateLine()];
      const value = element('dd', {}, words, ' ', rate.words, rate.line);
      return { name: element('dt'), value, words, rate };
    });
    this.list.replaceChildren(...this.lines.flatMap(({ name, value }) => [name, value]));
  }
}
