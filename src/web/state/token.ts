const KEY = 'clusterer.token';

/** The token of this tab: forgotten when it is closed, and never sent but to the page's own service. */
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
