import { part } from '../dom/element.js';
import { token } from '../state/token.js';

/** Asks for a token where the service wants one; nothing else of the page can be used meanwhile. */
export class Gate {
  private readonly dialog = part('gate', HTMLDialogElement);
  private readonly field = part('token', HTMLInputElement);
  private readonly fault = part('token-fault', HTMLElement);

  /** @param entered a token was entered: try it */
  constructor(entered: () => void) {
    part('gate-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      // Others could not travel in a header.
      if (!/^[!-~]+$/.test(text)) return this.tell('Enter a token: visible ASCII characters, without spaces.');
      token.set(text);
      this.field.value = '';
      this.dialog.close();
      entered();
    });
    this.dialog.addEventListener('cancel', (event) => event.preventDefault());
  }

  /** Whether it is waiting for one. */
  get asked(): boolean {
    return this.dialog.open;
  }

  /** @param fault why it is asked for again, or empty */
  ask(fault: string): void {
    this.tell(fault);
    if (!this.dialog.open) this.dialog.showModal();
    this.field.focus();
  }

  private tell(fault: string): void {
    this.fault.textContent = fault;
    this.field.setAttribute('aria-invalid', String(fault !== ''));
  }
}
