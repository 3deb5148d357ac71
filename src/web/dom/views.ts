import { byId } from './element.js';

/** Buttons that select the visible part of the page on a narrow screen. */
export function useViews(): void {
  const buttons = [...byId('views', HTMLElement).querySelectorAll('button')];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      document.body.dataset.view = button.value;
      for (const one of buttons) one.setAttribute('aria-pressed', String(one === button));
      window.scrollTo({ top: 0 });
    });
  }
}
