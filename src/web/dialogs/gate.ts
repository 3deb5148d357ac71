import { byId } from '../dom/element.js';
import { token } from '../state/token.js';

/** A modal dialog that asks for a token when the service requires one. */
export class Gate {
  private readonly dialog = byId('gate', HTMLDialogElement);
  private readonly field = byId('token', HTMLInputElement);
  private readonly fault = byId('token-fault', HTMLElement);

  /** @param entered called with a new token in place */
  constructor(entered: () => void) {
    byId('gate-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      // A header can carry no other characters.
      if (!/^[!-~]+$/.test(text)) return this.showFault('Enter a token: visible ASCII characters, without spaces.');
      token.set(text);
      this.field.value = '';
      this.dialog.close();
      entered();
    });
    this.dialog.addEventListener('cancel', (event) => event.preventDefault());
  }

  get open(): boolean {
    return this.dialog.open;
  }

  /** @param fault why the previous token failed, or empty */
  ask(fault: string): void {
    this.showFault(fault);
    if (!this.dialog.open) this.dialog.showModal();
    this.field.focus();
  }

  private showFault(fault: string): void {
    this.fault.textContent = fault;
    this.field.setAttribute('aria-invalid', String(fault !== ''));
  }
}
