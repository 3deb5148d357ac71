/** One environment variable. */
export interface Variable<T> {
  readonly name: string;
  /** The default, as text. */
  readonly fallback: string;
  /** @throws Error that says what the value must be */
  readonly read: (text: string) => T;
  /** One line of docs/configuration.md. */
  readonly meaning: string;
}

export function variable<T>(name: string, fallback: string, read: (text: string) => T, meaning: string): Variable<T> {
  return { name: `CLUSTERER_${name}`, fallback, read, meaning };
}

export type Group = Readonly<Record<string, Variable<unknown>>>;

/** What a group of variables is read into. */
export type Values<G extends Group> = { readonly [K in keyof G]: ReturnType<G[K]['read']> };
