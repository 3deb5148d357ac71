import { part } from './element.js';

const SHOWN_MS = 6_000;

/** One line that says what was done, for a while; read out, too. */
export class Said {
  private readonly line = part('said', HTMLElement);
  private timer = 0;

  say(text: string): void {
    clearTimeout(this.timer);
    // What lies behind an open dialog is neither seen nor read out.
    (document.querySelector('dialog[open]') ?? document.body).append(this.line);
    this.line.textContent = text;
    this.line.dataset.shown = '';
    this.timer = window.setTimeout(() => delete this.line.dataset.shown, SHOWN_MS);
  }
}
