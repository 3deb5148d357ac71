const KEY = 'clusterer.token';

/** The token of this tab. It is kept until the tab is closed, and sent only to the page's own service. */
export const token = {
  get(): string | null {
    return sessionStorage.getItem(KEY);
  },
  set(text: string): void {
    sessionStorage.setItem(KEY, text);
  },
  forget(): void {
    sessionStorage.removeItem(KEY);
  },
};
