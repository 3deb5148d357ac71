/** What the page shows, by name. It is kept in the fragment of the page's address, which a browser sends to no server. */
export type Shown = 'state' | 'cluster' | 'search' | 'sort' | 'machine' | 'utc';

export class PageAddress {
  /** @param changed called when someone else changed the address: a link, or the browser's Back */
  constructor(changed: () => void) {
    window.addEventListener('hashchange', changed);
  }

  /** Empty if it is not in the address. */
  get(name: Shown): string {
    return new URLSearchParams(location.hash.slice(1)).get(name) ?? '';
  }

  /** Empty removes it. */
  set(name: Shown, value: string): void {
    if (this.get(name) === value) return;
    const shown = new URLSearchParams(location.hash.slice(1));
    // The fragment of the link that skips the header.
    shown.delete('machines');
    if (value === '') shown.delete(name);
    else shown.set(name, value);
    const fragment = shown.toString().replaceAll('%2F', '/');
    history.replaceState(null, '', fragment === '' ? location.pathname + location.search : `#${fragment}`);
  }
}
