/** How much each client holds of something that all of them share: at most `most`. */
export class Shares {
  private readonly held = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Whether the client holds as much as it may. */
  full(client: string): boolean {
    return (this.held.get(client) ?? 0) >= this.most;
  }

  /** False when the client holds as much as it may. */
  take(client: string): boolean {
    if (this.full(client)) return false;
    this.held.set(client, (this.held.get(client) ?? 0) + 1);
    return true;
  }

  /** Undoes one `take`. */
  giveBack(client: string): void {
    const held = this.held.get(client) ?? 0;
    if (held > 1) this.held.set(client, held - 1);
    else this.held.delete(client);
  }
}
