import { byId } from './element.js';

const SHOWN_MS = 6_000;

/** A short message at the edge of the page; screen readers announce it. */
export class Toast {
  private readonly line = byId('toast', HTMLElement);
  private timer = 0;

  show(text: string): void {
    clearTimeout(this.timer);
    // Elements behind an open dialog are neither seen nor announced.
    (document.querySelector('dialog[open]') ?? document.body).append(this.line);
    this.line.textContent = text;
    this.line.dataset.shown = '';
    this.timer = window.setTimeout(() => delete this.line.dataset.shown, SHOWN_MS);
  }
}
