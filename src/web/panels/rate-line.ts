import { element, setText } from '../dom/element.js';
import { Sparkline } from '../dom/sparkline.js';
import { READINGS, rateWords } from '../state/rates.js';

/** A rate in words, and the line of its last ten minutes. */
export class RateLine {
  readonly words = element('span', { class: 'rate' }, rateWords(undefined));
  private readonly spark = new Sparkline();
  readonly line = this.spark.element;
  private shown: readonly number[] | null = null;

  /** @param rates oldest first */
  show(rates: readonly number[]): void {
    if (rates === this.shown) return;
    this.shown = rates;
    setText(this.words, rateWords(rates.at(-1)));
    this.spark.draw(rates, READINGS);
  }
}
