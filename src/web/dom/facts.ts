import { element, setText } from './element.js';

/** Writes a list of names and values. Equal ones are not touched. */
export function showFacts(list: HTMLElement, facts: readonly (readonly [string, string])[]): void {
  const names = [...list.querySelectorAll('dt')];
  if (names.length !== facts.length || facts.some(([name], i) => names[i]?.textContent !== name)) {
    list.replaceChildren(...facts.flatMap(([name]) => [element('dt', {}, name), element('dd')]));
  }
  const values = list.querySelectorAll('dd');
  for (const [i, [, value]] of facts.entries()) {
    const shown = values[i];
    if (shown !== undefined) setText(shown, value);
  }
}
