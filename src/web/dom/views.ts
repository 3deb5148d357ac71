import { part } from './element.js';

/** On a narrow screen one part of the page is shown at a time. */
export function useViews(): void {
  const buttons = [...part('views', HTMLElement).querySelectorAll('button')];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      document.body.dataset.view = button.value;
      for (const one of buttons) one.setAttribute('aria-pressed', String(one === button));
      window.scrollTo({ top: 0 });
    });
  }
}
